"""PySpark in local mode: one session, many faults."""
from harvestlib import Tool, batch, find, net_peers, package_version, venv_python

P, N, S, R, D = "permission_denied", "network_timeout", "schema_mismatch", "resource_exhaustion", "data_duplication"
M, C, Q, A, X, U = ("missing_dependency", "configuration_error", "quota_exceeded", "authentication_failure", "data_corruption", "unknown_error")

PREPARE = """
import os
from pyspark.sql import SparkSession, functions as F, types as T
spark = (SparkSession.builder.master('local[1]').appName('nightly').config('spark.ui.enabled', 'false').config('spark.sql.shuffle.partitions', 1)
         .config('spark.driver.bindAddress', '127.0.0.1').config('spark.driver.host', '127.0.0.1').config('spark.driver.memory', '700m')
         .config('spark.sql.warehouse.dir', os.path.join(work, 'warehouse')).getOrCreate())
spark.sparkContext.setLogLevel('ERROR')
os.makedirs('lake', exist_ok=True)
spark.range(10).withColumn('amount', F.col('id') * 2).write.mode('overwrite').parquet('lake/orders')
spark.read.parquet('lake/orders').createOrReplaceTempView('orders')
after = spark.stop
"""
f, run_all = batch("spark", PREPARE)


def version(ctx):
    ctx.vars["PYTHON"] = venv_python("venv-spark", "pyspark")
    find("java")
    return package_version(ctx.vars["PYTHON"], "pyspark")


def setup(ctx):
    net_peers(ctx)
    python = ctx.vars["PYTHON"]
    run_all(ctx, python, env={"PYSPARK_PYTHON": python, "SPARK_LOCAL_IP": "127.0.0.1"})


FAULTS = [
    f("column_missing", S, "column_missing", "UNRESOLVED_COLUMN", "spark.sql('select id, discount from orders').show()"),
    f("column_missing_api", S, "column_missing", "UNRESOLVED_COLUMN", "df = spark.read.parquet('lake/orders')\ndf.groupBy('region').agg(F.sum('amount')).show()"),
    f("union_columns", S, "column_count", "NUM_COLUMNS_MISMATCH", "spark.sql('select id from orders union all select id, amount from orders').show()"),
    f("union_by_name", S, "column_missing", "UNRESOLVED_COLUMN|[cC]annot resolve", "spark.range(2).unionByName(spark.range(2).withColumnRenamed('id', 'k')).show()"),
    f("union_types", S, "type_mismatch", "INCOMPATIBLE_COLUMN_TYPE", "spark.sql('select id from orders union all select array(1) from orders').show()"),
    f("argument_type", S, "type_mismatch", "DATATYPE_MISMATCH", "spark.sql('select explode(amount) from orders').show()"),
    f("insert_columns", S, "column_count", "INSERT_COLUMN_ARITY_MISMATCH|not enough data columns|too many data columns", "spark.sql('create table t1(a int, b int) using parquet')\nspark.sql('insert into t1 select 1')"),
    f("insert_type", S, "type_mismatch", "INCOMPATIBLE_DATA_FOR_TABLE|CANNOT_SAFELY_CAST", "spark.sql('create table t2(a int, d timestamp) using parquet')\nspark.sql('insert into t2 select 1, array(1)')"),
    f("append_other_schema", S, "incompatible_evolution", "mismatch|MISMATCH|number of columns|doesn't match", "spark.range(3).write.saveAsTable('t3')\nspark.range(3).withColumn('x', F.lit(1)).write.mode('append').saveAsTable('t3')"),
    f("parquet_type_changed", S, "incompatible_evolution", "PARQUET_COLUMN_DATA_TYPE_MISMATCH|SchemaColumnConvertNotSupported|CONVERT", "spark.range(3).write.parquet('lake/a')\nspark.read.schema('id string').parquet('lake/a').show()"),
    f("merge_schema", S, "incompatible_evolution", "CANNOT_MERGE_SCHEMA|Failed to merge", "spark.range(3).write.parquet('lake/b/d=1')\nspark.sql(\"select 'x' as id\").write.parquet('lake/b/d=2')\nspark.read.option('mergeSchema', 'true').parquet('lake/b').show()"),
    f("create_frame_type", S, "type_mismatch", "CANNOT_ACCEPT_OBJECT_IN_TYPE|can not accept", "spark.createDataFrame([('a',)], T.StructType([T.StructField('n', T.IntegerType())])).show()"),
    f("create_frame_length", S, "column_count", "LENGTH", "spark.createDataFrame([(1, 2, 3)], T.StructType([T.StructField('n', T.IntegerType())])).show()"),
    f("field_missing", S, "column_missing", "FIELD_NOT_FOUND", "spark.sql(\"select s.b from (select named_struct('a', 1) s)\").show()"),
    f("ambiguous", U, "statement_invalid", "AMBIGUOUS_REFERENCE", "a = spark.range(2)\na.join(spark.range(2), F.lit(True)).select('id').show()"),
    f("column_exists", S, "incompatible_evolution", "COLUMN_ALREADY_EXISTS|already exists|FIELD_ALREADY_EXISTS|FIELDS_ALREADY_EXISTS", "spark.sql('create table t4(a int) using parquet')\nspark.sql('alter table t4 add columns (a int)')"),
    f("table_missing", M, "table_missing", "TABLE_OR_VIEW_NOT_FOUND", "spark.table('mart.dim_customer').show()"),
    f("table_missing_sql", M, "table_missing", "TABLE_OR_VIEW_NOT_FOUND", "spark.sql('select o.id from orders o join stg_lines l on l.order_id = o.id').show()"),
    f("path_missing", M, "file_missing", "PATH_NOT_FOUND", "spark.read.parquet('lake/orders/dt=2024-05-02').count()"),
    f("schema_missing", M, "database_missing", "SCHEMA_NOT_FOUND", "spark.sql('create table landing.t(a int) using parquet')"),
    f("function_missing", M, "function_missing", "UNRESOLVED_ROUTINE", "spark.sql('select fiscal_week(id) from orders').show()"),
    f("data_source_missing", M, "class_missing", "DATA_SOURCE_NOT_FOUND|ClassNotFound", "spark.read.format('iceberg').load('lake/orders').show()"),
    f("delta_missing", M, "class_missing", "DATA_SOURCE_NOT_FOUND|ClassNotFound", "spark.range(2).write.format('delta').save('lake/d')"),
    f("kafka_missing", M, "class_missing", "Failed to find data source|DATA_SOURCE_NOT_FOUND|deployed", "spark.readStream.format('kafka').option('kafka.bootstrap.servers', 'broker-1:9092').option('subscribe', 'orders').load()"),
    f("jdbc_driver_missing", M, "driver_missing", "ClassNotFoundException", "spark.read.jdbc('jdbc:postgresql://127.0.0.1:5432/mart', 'orders', properties={'driver': 'org.postgresql.Driver'}).show()"),
    f("jdbc_no_suitable", M, "driver_missing", "No suitable driver", "spark.read.jdbc('jdbc:mysql://127.0.0.1:3306/mart', 'orders').show()"),
    f("s3a_missing", M, "class_missing", "S3AFileSystem not found|ClassNotFoundException|No FileSystem", "spark.read.parquet('s3a://lake/raw/orders').show()"),
    f("gs_missing", M, "library_missing", "No FileSystem for scheme|UnsupportedFileSystem", "spark.read.parquet('gs://lake/raw/orders').show()"),
    f("file_vanished", M, "file_missing", "FILE_NOT_EXIST|does not exist|FileNotFound", "import glob, os\nspark.range(5).write.parquet('lake/v')\ndf = spark.read.parquet('lake/v')\nfor p in glob.glob('lake/v/*.parquet'): os.remove(p)\ndf.show()"),
    f("python_module_in_worker", M, "module_missing", "ModuleNotFoundError", "@F.udf('string')\ndef lookup(v):\n    import geo_codes\n    return geo_codes.name(v)\nspark.range(2).select(lookup('id')).show()"),
    f("table_exists", C, "resource_already_exists", "TABLE_OR_VIEW_ALREADY_EXISTS|already exists", "spark.sql('create table t5(a int) using parquet')\nspark.sql('create table t5(a int) using parquet')"),
    f("path_exists", C, "resource_already_exists", "PATH_ALREADY_EXISTS|already exists", "spark.range(2).write.parquet('lake/w')\nspark.range(2).write.parquet('lake/w')"),
    f("static_setting", C, "settings_incompatible", "CANNOT_MODIFY_STATIC_CONFIG|CANNOT_MODIFY_CONFIG|static config", "spark.conf.set('spark.sql.warehouse.dir', '/tmp/x')"),
    f("setting_value", C, "value_invalid", "should be|INVALID_CONF|TypeError|IllegalArgument", "spark.conf.set('spark.sql.shuffle.partitions', 'many')\nspark.range(9).groupBy('id').count().show()"),
    f("setting_time", C, "value_invalid", "INVALID|should be one of|IllegalArgument", "spark.conf.set('spark.sql.sources.partitionOverwriteMode', 'some')\nspark.range(2).write.mode('overwrite').partitionBy('id').parquet('lake/x')"),
    f("compression", C, "value_invalid", "CODEC_NOT_AVAILABLE|codec", "spark.range(2).write.option('compression', 'lz9').parquet('lake/y')"),
    f("save_mode", C, "value_invalid", "INVALID_SAVE_MODE|save mode", "spark.range(2).write.mode('upsert').parquet('lake/z')"),
    f("jdbc_option", C, "variable_missing", "dbtable|is required", "spark.read.format('jdbc').option('url', 'jdbc:postgresql://db-1/mart').load()"),
    f("csv_delimiter", C, "value_invalid", "INVALID_DELIMITER|[Dd]elimiter", "open('e.csv', 'w').write('a,b')\nspark.read.option('sep', '').csv('e.csv').show()"),
    f("time_zone", C, "value_invalid", "INVALID_CONF_VALUE|time zone|zone", "spark.sql(\"set time zone 'Europe/Atlantis'\")\nspark.sql('select current_timestamp()').show()"),
    f("memory_setting", C, "value_invalid", "must be at least|too small|NumberFormat|Size must|bytes", "from pyspark import SparkConf\nspark.sparkContext._jvm.org.apache.spark.network.util.JavaUtils.byteStringAsBytes('2x')"),
    f("cast", X, "value_invalid", "CAST_INVALID_INPUT", "spark.sql(\"select cast(v as int) from values ('1'), ('1O') t(v)\").show()"),
    f("cast_date", X, "value_invalid", "CAST_INVALID_INPUT|CANNOT_PARSE", "spark.sql(\"select to_date(v, 'yyyy-MM-dd') from values ('2024-05-01'), ('2024-05-3x') t(v)\").collect()"),
    f("overflow", X, "value_invalid", "OVERFLOW", "spark.sql('select cast(v as tinyint) from values (5), (300) t(v)').collect()"),
    f("csv_failfast", X, "malformed_record", "MALFORMED_RECORD|Malformed", "open('m.csv', 'w').write('1,2\\n3,x\\n')\nspark.read.schema('a int, b int').option('mode', 'FAILFAST').csv('m.csv').show()"),
    f("json_failfast", X, "malformed_record", "MALFORMED_RECORD|Malformed", "open('m.json', 'w').write('{\"a\": 1}\\n{\"a\": \\n')\nspark.read.schema('a int').option('mode', 'FAILFAST').json('m.json').show()"),
    f("parquet_magic", X, "bad_magic", "is not a Parquet file|CANNOT_READ_FILE_FOOTER", "import os\nos.makedirs('lake/bad', exist_ok=True)\nopen('lake/bad/p.parquet', 'w').write('id,amount\\n' * 20)\nspark.read.schema('id long').parquet('lake/bad').show()"),
    f("parquet_truncated", X, "truncated", "is not a Parquet file|FOOTER|FAILED_READ_FILE", "import glob, os\nspark.range(90000).write.parquet('lake/t')\nfor p in glob.glob('lake/t/*.parquet'): os.truncate(p, 5000)\nfor p in glob.glob('lake/t/.*.crc'): os.remove(p)\nspark.read.schema('id long').parquet('lake/t').agg(F.sum('id')).show()"),
    f("crc", X, "checksum_mismatch", "[Cc]hecksum", "import glob\nspark.range(90000).write.parquet('lake/c')\np = glob.glob('lake/c/*.parquet')[0]\nd = bytearray(open(p, 'rb').read()); d[500] ^= 255; open(p, 'wb').write(d)\nspark.read.schema('id long').parquet('lake/c').agg(F.sum('id')).show()"),
    f("null_check", X, "quality_test_failed", "NULL|null", "spark.sql(\"select assert_true(id is not null, 'NULL in orders.id') from values (1), (null) t(id)\").collect()"),
    f("not_null_struct", X, "quality_test_failed", "NOT_NULLABLE|FIELD_NOT_NULLABLE|not nullable", "spark.createDataFrame([(1,), (None,)], T.StructType([T.StructField('id', T.IntegerType(), False)])).show()"),
    f("scalar_subquery", D, "merge_multiple_matches", "SCALAR_SUBQUERY_TOO_MANY_ROWS|more than one row", "spark.sql('select id, (select amount from orders) from orders').collect()"),
    f("map_key", D, "duplicate_key", "DUPLICATED_MAP_KEY", "spark.sql(\"select map_from_arrays(array(1, 1), array('a', 'b'))\").collect()"),
    f("output_mode_dir", P, "file_mode", "[Pp]ermission denied|Mkdirs failed", "import os\nos.makedirs('closed', exist_ok=True); os.chmod('closed', 0o555)\nspark.range(2).write.parquet('closed/out')"),
    f("input_mode", P, "file_mode", "[Pp]ermission denied", "import os\nopen('k.csv', 'w').write('1'); os.chmod('k.csv', 0)\nspark.read.csv('k.csv').show()"),
    f("socket_refused", N, "connection_refused", "Connection refused|refused", "import socket\nspark.read.format('socket')\nspark.readStream.format('socket').option('host', '127.0.0.1').option('port', @CLOSED@).load().writeStream.format('console').start().awaitTermination(20)"),
    f("hdfs_refused", N, "connection_refused", "Connection refused", "spark.read.text('hdfs://127.0.0.1:@CLOSED@/raw/orders').show()"),
    f("hdfs_dns", N, "dns_failure", "UnknownHost", "spark.read.text('hdfs://namenode-1.invalid:8020/raw/orders').show()"),
    f("divide_by_zero", U, "bug", "DIVIDE_BY_ZERO", "spark.sql('select amount / (id - id) from orders').collect()"),
    f("array_index", U, "bug", "INVALID_ARRAY_INDEX", "spark.sql('select array(1, 2)[id + 5] from orders').collect()"),
    f("udf_zero", U, "bug", "ZeroDivisionError", "@F.udf('double')\ndef share(v):\n    return 100 / v\nspark.range(3).select(share('id')).collect()"),
    f("udf_none", U, "bug", "AttributeError|NoneType", "@F.udf('string')\ndef clean(v):\n    return v.strip().lower()\nspark.sql(\"select * from values ('a'), (null) t(v)\").select(clean('v')).collect()"),
    f("rdd_assert", U, "bug", "AssertionError", "def check(row):\n    assert row.amount < 15, f'amount {row.amount} of {row.id}'\n    return row\nspark.table('orders').rdd.map(check).count()"),
    f("raise_error", U, "bug", "USER_RAISED_EXCEPTION|balance", "spark.sql(\"select raise_error('ledger does not balance')\").collect()"),
    f("parse", U, "statement_invalid", "PARSE_SYNTAX_ERROR", "spark.sql('select id amount x from from orders')"),
    f("group_by", U, "statement_invalid", "MISSING_AGGREGATION", "spark.sql('select id, amount, count(*) from orders group by id').show()"),
    f("window", U, "statement_invalid", "WINDOW|OVER|window", "spark.sql('select row_number() from orders').show()"),
    f("unsupported", U, "unsupported_operation", "UNSUPPORTED|not supported|NOT_SUPPORTED", "spark.sql('create table t6(a int) using parquet')\nspark.sql('delete from t6 where a = 1')"),
    f("udf_worker_crash", U, "crash", "exited unexpectedly|crashed", "import os\n@F.udf('long')\ndef heavy(v):\n    os.abort()\nspark.range(2).select(heavy('id')).collect()"),
    f("cancelled", U, "cancelled", "cancelled|CANCEL", "import threading, time\nthreading.Timer(2, spark.sparkContext.cancelAllJobs).start()\nslow = F.udf(lambda v: time.sleep(2) or v, 'long')\nspark.range(9).select(slow('id')).collect()"),
    f("collect_heap", R, "heap_out_of_memory", "Java heap space|OutOfMemory|GC overhead", "spark.range(40).select(F.expr(\"transform(sequence(1, 3000000), x -> uuid())\").alias('v')).collect()"),
]
TOOL = Tool("spark", "spark", version, FAULTS, setup, label="PySpark")
