"""requests, urllib3, httpx, aiohttp, paramiko, and boto3 against moto's server (which checks names, signatures of use and, when told to, IAM policies)."""
import json
import subprocess
import time
import urllib.request

from harvestlib import Skip, Tool, net_peers, package_version, py, tls_peers, venv_python, wait_port

P, N, S, R, D = "permission_denied", "network_timeout", "schema_mismatch", "resource_exhaustion", "data_duplication"
M, C, Q, A, X, U = ("missing_dependency", "configuration_error", "quota_exceeded", "authentication_failure", "data_corruption", "unknown_error")


def version(ctx):
    ctx.vars["PYTHON"] = venv_python("venv", "requests, httpx, aiohttp, boto3, moto")
    return "requests {}, httpx {}, aiohttp {}, boto3 {}, moto {}".format(*(package_version(ctx.vars["PYTHON"], p) for p in ("requests", "httpx", "aiohttp", "boto3", "moto")))


def setup(ctx):
    net_peers(ctx)
    tls_peers(ctx)
    port = ctx.port(5000)
    ctx.daemon([ctx.vars["PYTHON"], "-m", "moto.server", "-H", "127.0.0.1", "-p", port], ctx.root)
    wait_port(port)
    key = "".join(("AKIA", "EXAMPLE0", "EXAMPLE0"))
    ctx.env |= {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": "example", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_MAX_ATTEMPTS": "1",
                "AWS_EC2_METADATA_DISABLED": "true"}
    ctx.vars["MOTO"] = port


BASE = "http://127.0.0.1:@HTTP@/v1/"
CASES = [("invoices", A, "token_expired", "401"), ("ledger", P, "access_denied", "403"), ("orders", Q, "rate_limited", "429"), ("report", U, "internal_error", "500"),
         ("gateway", N, "service_unavailable", "502"), ("stock", N, "service_unavailable", "503"), ("prices", N, "service_unavailable", "504"), ("export-2019", M, "resource_missing", "404"),
         ("upload", Q, "payload_limit", "413"), ("batch", U, "conflict", "409")]
FAULTS = []
for path, type_, cause, code in CASES:
    FAULTS += [
        py(f"requests_{code}", type_, cause, code, f"import requests\n\n\ndef pull(path):\n    r = requests.get('{BASE}' + path, timeout=5)\n    r.raise_for_status()\n    return r.json()\n\n\npull('{path}')\n", platform="requests"),
        py(f"httpx_{code}", type_, cause, code, f"import httpx\n\nwith httpx.Client(base_url='{BASE}') as client:\n    r = client.post('{path}', json={{'day': '2024-05-02'}})\n    print(r.text)\n    r.raise_for_status()\n", platform="httpx"),
        py(f"aiohttp_{code}", type_, cause, code, f"import aiohttp, asyncio\n\n\nasync def pull():\n    async with aiohttp.ClientSession(raise_for_status=True) as s:\n        async with s.get('{BASE}{path}') as r:\n            print(await r.text())\n\n\nasyncio.run(pull())\n", platform="aiohttp"),
    ]


def each(name, type, cause, url, expect, timeout="5", verify="", only="rha"):
    """One bad address through three clients."""
    out = []
    if "r" in only:
        out.append(py("requests_" + name, type, cause, expect, f"import requests\nprint(requests.get('{url}', timeout={timeout}{', verify=%r' % verify if verify else ''}).json())\n", platform="requests"))
    if "h" in only:
        out.append(py("httpx_" + name, type, cause, expect, f"import httpx, ssl\nprint(httpx.get('{url}', timeout={timeout}{', verify=ssl.create_default_context(cafile=%r)' % verify if verify else ''}).json())\n", platform="httpx"))
    if "a" in only:
        out.append(py("aiohttp_" + name, type, cause, expect, f"import aiohttp, asyncio, ssl\n\n\nasync def main():\n    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout({timeout})) as s:\n"
                      f"        async with s.get('{url}'{', ssl=ssl.create_default_context(cafile=%r)' % verify if verify else ''}) as r:\n            print(await r.json())\n\n\nasyncio.run(main())\n", platform="aiohttp"))
    return out


CA = "@CERTS@/ca.pem"
FAULTS += [
    *each("refused", N, "connection_refused", "http://127.0.0.1:@CLOSED@/v1/feed", "Connection refused|Connect call failed|ConnectError"),
    *each("dns", N, "dns_failure", "http://warehouse-api.invalid/v1/feed", "resolve|Name or service|DNS|Temporary failure"),
    *each("read_timeout", N, "read_timeout", BASE + "events", "timed out|Timeout", "1"),
    *each("connect_timeout", N, "connect_timeout", "http://127.0.0.1:@FULL@/v1", "timed out|Timeout", "1"),
    *each("hangup", N, "connection_reset", "http://127.0.0.1:@HANGUP@/v1", "without response|disconnected|RemoteDisconnected"),
    *each("reset", N, "connection_reset", BASE + "reset", "reset by peer|ReadError|Disconnected|disconnected"),
    *each("partial", N, "connection_reset", BASE + "archive", "IncompleteRead|peer closed|not enough data|Not enough|payload"),
    *each("expired", A, "certificate_expired", "https://localhost:@TLS_EXPIRED@/v1", "certificate has expired", verify=CA),
    *each("self_signed", A, "certificate_untrusted", "https://localhost:@TLS_SELFSIGNED@/v1", "self-signed certificate"),
    *each("host", A, "certificate_untrusted", "https://localhost:@TLS_OTHERHOST@/v1", "Hostname mismatch", verify=CA),
    *each("redirects", C, "endpoint_wrong", BASE + "moved", "redirect|Redirect", only="ra"),
    *each("html", X, "malformed_record", BASE + "page", "Expecting value|JSON", only="rh"),
    *each("half", X, "truncated", BASE + "half", "Unterminated|JSON", only="rha"),
    *each("bad_gzip", X, "malformed_record", BASE + "zip", "decode|decompress|gzip|Content-Encoding|ContentEncoding"),
    *each("scheme", C, "endpoint_wrong", "warehouse.example/v1", "scheme|protocol|InvalidURL|InvalidUrl|schema", only="rha"),
    *each("plain_for_tls", C, "endpoint_wrong", "https://127.0.0.1:@HTTP@/v1", "WRONG_VERSION|wrong version|record layer"),
    py("requests_proxy", N, "proxy_failure", "ProxyError|proxy", "import requests\nrequests.get('https://api.example/v1', proxies={'https': 'http://127.0.0.1:@CLOSED@'}, timeout=5)\n", platform="requests"),
    py("requests_ca_missing", C, "value_invalid", "invalid path", "import requests\nrequests.get('https://localhost:@TLS_GOOD@', verify='/etc/etl/ca.pem')\n", platform="requests"),
    py("urllib3_retries_503", N, "service_unavailable", "too many 503", "import urllib3\nurllib3.PoolManager(retries=urllib3.Retry(2, status_forcelist=[503], respect_retry_after_header=False)).request('GET', '" + BASE + "stock')\n", platform="urllib3"),
    py("urllib3_retries_429", Q, "rate_limited", "too many 429", "import requests\nfrom requests.adapters import HTTPAdapter, Retry\ns = requests.Session(); s.mount('http://', HTTPAdapter(max_retries=Retry(2, status_forcelist=[429], respect_retry_after_header=False)))\ns.get('" + BASE + "orders')\n", platform="urllib3"),
    py("urllib3_pool", R, "connection_pool", "EmptyPoolError|Pool", "import urllib3\np = urllib3.HTTPConnectionPool('127.0.0.1', @HTTP@, maxsize=1, block=True)\na = p.request('GET', '/v1/x', preload_content=False)\np.request('GET', '/v1/y', pool_timeout=0.5)\n", platform="urllib3"),
    py("httpx_pool", R, "connection_pool", "PoolTimeout", "import httpx\nc = httpx.Client(limits=httpx.Limits(max_connections=1), timeout=httpx.Timeout(5, pool=0.5))\nwith c.stream('GET', '" + BASE + "x'):\n    c.get('" + BASE + "y')\n", platform="httpx"),
    py("jwt_expired", A, "token_expired", "ExpiredSignatureError", "import jwt\nt = jwt.encode({'sub': 'etl', 'exp': 1600000000}, 'k' * 40)\njwt.decode(t, 'k' * 40, algorithms=['HS256'])\n", platform="jwt"),
    py("jwt_signature", A, "signature_mismatch", "Signature verification failed", "import jwt\nt = jwt.encode({'sub': 'etl'}, 'k' * 40)\njwt.decode(t, 'j' * 40, algorithms=['HS256'])\n", platform="jwt"),
    py("jwt_audience", A, "token_invalid", "Audience", "import jwt\nt = jwt.encode({'sub': 'etl', 'aud': 'billing'}, 'k' * 40)\njwt.decode(t, 'k' * 40, algorithms=['HS256'], audience='warehouse')\n", platform="jwt"),
    py("jwt_malformed", A, "token_invalid", "segments|DecodeError", "import jwt\njwt.decode('not-a-token', 'k' * 40, algorithms=['HS256'])\n", platform="jwt"),
    py("fernet_key", A, "signature_mismatch", "InvalidToken|InvalidSignature", "from cryptography.fernet import Fernet\nt = Fernet(Fernet.generate_key()).encrypt(b'dsn')\nFernet(Fernet.generate_key()).decrypt(t)\n", platform="cryptography"),
    py("paramiko_refused", N, "connection_refused", "Unable to connect", "import paramiko\nc = paramiko.SSHClient(); c.set_missing_host_key_policy(paramiko.AutoAddPolicy())\nc.connect('127.0.0.1', @CLOSED@, 'etl', timeout=3)\n", platform="paramiko"),
    py("paramiko_silent", N, "read_timeout", "banner|timed out", "import paramiko\nc = paramiko.SSHClient(); c.set_missing_host_key_policy(paramiko.AutoAddPolicy())\nc.connect('127.0.0.1', @SILENT@, 'etl', timeout=3, banner_timeout=1)\n", platform="paramiko"),
    py("paramiko_key_missing", M, "file_missing", "No such file", "import paramiko\nparamiko.RSAKey.from_private_key_file('/etc/etl/id_rsa')\n", platform="paramiko"),
    py("grpc_refused", N, "service_unavailable", "UNAVAILABLE", "import grpc\nch = grpc.insecure_channel('127.0.0.1:@CLOSED@')\nch.unary_unary('/orders.Feed/List')(b'')\n", platform="grpc"),
    py("grpc_deadline", U, "deadline_without_cause", "DEADLINE_EXCEEDED", "import grpc\nch = grpc.insecure_channel('127.0.0.1:@SILENT@')\nch.unary_unary('/orders.Feed/List')(b'', timeout=1, wait_for_ready=True)\n", platform="grpc"),
    py("grpc_dns", N, "dns_failure", "DNS|resol", "import grpc\nch = grpc.insecure_channel('dns:///feed.warehouse.invalid:443')\nch.unary_unary('/orders.Feed/List')(b'')\n", platform="grpc"),
]


def aws(name, type, cause, expect, text, **k):
    return py("aws_" + name, type, cause, expect, "import boto3\n" + text + "\n", platform="aws", **k)


S3 = "s3 = boto3.client('s3')\n"
BUCKET = S3 + "s3.create_bucket(Bucket='%s', CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})\n"
DDB = "ddb = boto3.client('dynamodb')\ntry:\n    ddb.create_table(TableName='runs', KeySchema=[{'AttributeName': 'id', 'KeyType': 'HASH'}], AttributeDefinitions=[{'AttributeName': 'id', 'AttributeType': 'S'}], BillingMode='PAY_PER_REQUEST')\nexcept ddb.exceptions.ResourceInUseException: pass\n"
IAM = """iam = boto3.client('iam')
boto3.client('s3').create_bucket(Bucket='lake-%(n)s', CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})
iam.create_user(UserName='etl-%(n)s')
%(policy)skey = iam.create_access_key(UserName='etl-%(n)s')['AccessKey']
import os, urllib.request
os.environ.pop('AWS_ACCESS_KEY_ID')
urllib.request.urlopen(urllib.request.Request(os.environ['AWS_ENDPOINT_URL'] + '/moto-api/reset-auth', data=b'0', method='POST', headers={'Content-Type': 'text/plain'})).read()
try:
    %(call)s
finally:
    urllib.request.urlopen(urllib.request.Request(os.environ['AWS_ENDPOINT_URL'] + '/moto-api/reset-auth', data=b'1000000', method='POST', headers={'Content-Type': 'text/plain'})).read()
"""


def denied(name, n, call, policy="", expect="AccessDenied|not authorized|UnauthorizedOperation", type=P, cause="iam_permission_missing", cred="aws_access_key_id=key['AccessKeyId'], aws_secret_access_key=key['SecretAccessKey']"):
    return aws(name, type, cause, expect, IAM % {"n": n, "call": call.replace("CRED", cred), "policy": policy})


POLICY = "iam.put_user_policy(UserName='etl-%s', PolicyName='p', PolicyDocument='{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:ListBucket\", \"Resource\": \"*\"}]}')\n"
FAULTS += [
    denied("s3_get_denied", "a", "boto3.client('s3', CRED).get_object(Bucket='lake-a', Key='raw/day.csv')"),
    denied("s3_put_denied", "b", "boto3.client('s3', CRED).put_object(Bucket='lake-b', Key='raw/day.csv', Body=b'1')", POLICY % "b"),
    denied("s3_list_denied", "c", "boto3.client('s3', CRED).list_objects_v2(Bucket='lake-c')"),
    denied("glue_denied", "d", "boto3.client('glue', CRED).get_databases()"),
    denied("sqs_denied", "e", "boto3.client('sqs', CRED).list_queues()"),
    denied("secrets_denied", "f", "boto3.client('secretsmanager', CRED).get_secret_value(SecretId='dsn')"),
    denied("ec2_denied", "g", "boto3.client('ec2', CRED).describe_instances()"),
    denied("upload_denied", "h", "open('day.csv', 'w').write('1'); boto3.client('s3', CRED).upload_file('day.csv', 'lake-h', 'raw/day.csv')"),
    denied("key_unknown", "i", "boto3.client('s3', aws_access_key_id='nobody', aws_secret_access_key='x').list_buckets()", expect="InvalidAccessKeyId|does not exist", type=A, cause="key_rejected"),
    denied("key_unknown_sts", "j", "boto3.client('sts', aws_access_key_id='nobody', aws_secret_access_key='x').get_caller_identity()", expect="InvalidClientTokenId|security token", type=A, cause="token_invalid"),
    denied("signature", "k", "boto3.client('s3', aws_access_key_id=key['AccessKeyId'], aws_secret_access_key='wrong').list_buckets()", expect="SignatureDoesNotMatch", type=A, cause="signature_mismatch"),
    denied("signature_glue", "l", "boto3.client('glue', aws_access_key_id=key['AccessKeyId'], aws_secret_access_key='wrong').get_databases()", expect="SignatureDoesNotMatch|signature", type=A, cause="signature_mismatch"),
    denied("key_unknown_ec2", "m", "boto3.client('ec2', aws_access_key_id='nobody', aws_secret_access_key='x').describe_instances()", expect="AuthFailure", type=A, cause="key_rejected"),
    aws("bucket_missing", M, "resource_missing", "NoSuchBucket", S3 + "s3.list_objects_v2(Bucket='lake-archive')"),
    aws("key_missing", M, "file_missing", "NoSuchKey", BUCKET % "lake1" + "s3.get_object(Bucket='lake1', Key='raw/2024-05-02.csv')"),
    aws("head_missing", M, "file_missing", "404", BUCKET % "lake2" + "s3.download_file('lake2', 'raw/2024-05-02.csv', 'd.csv')"),
    aws("bucket_exists", C, "resource_already_exists", "BucketAlready", BUCKET % "lake3" + "s3.create_bucket(Bucket='lake3', CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})"),
    aws("bucket_name", C, "value_invalid", "Invalid bucket name|InvalidBucketName", S3 + "s3.create_bucket(Bucket='Lake_Raw!', CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})"),
    aws("location_constraint", C, "endpoint_wrong", "IllegalLocationConstraint|location", S3 + "s3.create_bucket(Bucket='lake4')"),
    aws("local_file_missing", M, "file_missing", "No such file", BUCKET % "lake6" + "s3.upload_file('day.csv', 'lake6', 'raw/day.csv')"),
    aws("precondition", U, "conflict", "PreconditionFailed", BUCKET % "lake7" + "s3.put_object(Bucket='lake7', Key='a', Body=b'1')\ns3.get_object(Bucket='lake7', Key='a', IfMatch='\"x\"')"),
    aws("put_if_none", D, "already_loaded", "PreconditionFailed", BUCKET % "lake8" + "s3.put_object(Bucket='lake8', Key='a', Body=b'1')\ns3.put_object(Bucket='lake8', Key='a', Body=b'1', IfNoneMatch='*')"),
    aws("region_missing", C, "variable_missing", "NoRegionError|specify a region", "import os\nos.environ.pop('AWS_DEFAULT_REGION')\nboto3.client('sqs').list_queues()"),
    aws("credentials_missing", A, "credentials_missing", "Unable to locate credentials", "import os\nos.environ.pop('AWS_ACCESS_KEY_ID'); os.environ.pop('AWS_SECRET_ACCESS_KEY')\nboto3.client('s3').list_buckets()"),
    aws("credentials_partial", A, "credentials_missing", "Partial credentials", "boto3.client('s3', aws_access_key_id='only', aws_secret_access_key=None).list_buckets()\n"),
    aws("profile_missing", C, "connection_undefined", "could not be found", "boto3.Session(profile_name='warehouse').client('s3').list_buckets()"),
    aws("endpoint_refused", N, "connection_refused", "Could not connect to the endpoint", "boto3.client('s3', endpoint_url='http://127.0.0.1:@CLOSED@').list_buckets()"),
    aws("endpoint_dns", N, "dns_failure", "Could not connect to the endpoint", "boto3.client('sqs', endpoint_url='https://sqs.eu-west-9.warehouse.invalid').list_queues()"),
    aws("read_timeout", N, "read_timeout", "Read timeout", "from botocore.config import Config\nboto3.client('s3', endpoint_url='" + BASE + "events', config=Config(read_timeout=1, retries={'max_attempts': 0})).list_buckets()"),
    aws("connect_timeout", N, "connect_timeout", "Connect timeout", "from botocore.config import Config\nboto3.client('s3', endpoint_url='http://127.0.0.1:@FULL@', config=Config(connect_timeout=1, retries={'max_attempts': 0})).list_buckets()"),
    aws("connection_closed", N, "connection_reset", "Connection was closed", "boto3.client('s3', endpoint_url='http://127.0.0.1:@HANGUP@').list_buckets()"),
    aws("endpoint_invalid", C, "endpoint_wrong", "Invalid endpoint", "boto3.client('s3', endpoint_url='s3.local:9000').list_buckets()"),
    aws("parameter_missing", C, "variable_missing", "Missing required parameter", S3 + "s3.put_object(Key='a', Body=b'1')"),
    aws("parameter_type", C, "value_invalid", "Invalid type for parameter", S3 + "s3.list_objects_v2(Bucket='lake', MaxKeys='many')"),
    aws("tls_expired", A, "certificate_expired", "certificate has expired", "boto3.client('s3', endpoint_url='https://localhost:@TLS_EXPIRED@', verify='@CERTS@/ca.pem').list_buckets()"),
    aws("unavailable_service", N, "service_unavailable", "503", "boto3.client('s3', endpoint_url='http://127.0.0.1:@HTTP@').head_bucket(Bucket='stock')"),
    aws("dynamodb_condition", D, "duplicate_key", "ConditionalCheckFailed", DDB + "for _ in range(2):\n    ddb.put_item(TableName='runs', Item={'id': {'S': 'r1'}}, ConditionExpression='attribute_not_exists(id)')"),
    aws("dynamodb_transaction_duplicate", D, "duplicate_key", "ConditionalCheckFailed", DDB + "ddb.put_item(TableName='runs', Item={'id': {'S': 'r2'}})\nddb.transact_write_items(TransactItems=[{'Put': {'TableName': 'runs', 'Item': {'id': {'S': 'r2'}}, 'ConditionExpression': 'attribute_not_exists(id)'}}])"),
    aws("dynamodb_batch_duplicates", D, "duplicate_key", "duplicates", DDB + "ddb.batch_write_item(RequestItems={'runs': [{'PutRequest': {'Item': {'id': {'S': 'a'}}}}] * 2})"),
    aws("dynamodb_key_type", S, "type_mismatch", "Type mismatch|schema", DDB + "ddb.put_item(TableName='runs', Item={'id': {'N': '5'}})"),
    aws("dynamodb_key_missing", S, "column_missing", "Missing the key|schema", DDB + "ddb.put_item(TableName='runs', Item={'name': {'S': 'x'}})"),
    aws("dynamodb_get_schema", S, "contract_violation", "does not match the schema", DDB + "ddb.get_item(TableName='runs', Key={'run': {'S': 'x'}})"),
    aws("dynamodb_table_missing", M, "table_missing", "ResourceNotFound", "boto3.client('dynamodb').scan(TableName='watermarks')"),
    aws("dynamodb_table_exists", C, "resource_already_exists", "ResourceInUse", DDB + "ddb.create_table(TableName='runs', KeySchema=[{'AttributeName': 'id', 'KeyType': 'HASH'}], AttributeDefinitions=[{'AttributeName': 'id', 'AttributeType': 'S'}], BillingMode='PAY_PER_REQUEST')"),
    aws("dynamodb_item_size", Q, "payload_limit", "[Ii]tem size", DDB + "ddb.put_item(TableName='runs', Item={'id': {'S': 'big'}, 'v': {'S': 'x' * 500000}})"),
    aws("sqs_missing", M, "service_missing", "NonExistentQueue", "boto3.client('sqs').get_queue_url(QueueName='orders-in')"),
    aws("sqs_size", Q, "payload_limit", "must be shorter|BatchRequestTooLong|longer than", "q = boto3.client('sqs')\nu = q.create_queue(QueueName='a')['QueueUrl']\nq.send_message(QueueUrl=u, MessageBody='x' * 2000000)"),
    aws("sqs_batch_ids", D, "duplicate_key", "BatchEntryIdsNotDistinct|repeated", "q = boto3.client('sqs')\nu = q.create_queue(QueueName='b')['QueueUrl']\nq.send_message_batch(QueueUrl=u, Entries=[{'Id': 'a', 'MessageBody': '1'}, {'Id': 'a', 'MessageBody': '2'}])"),
    aws("sns_topic_missing", M, "topic_missing", "Topic does not exist|NotFound", "boto3.client('sns').publish(TopicArn='arn:aws:sns:eu-west-1:123456789012:alerts', Message='x')"),
    aws("kinesis_missing", M, "resource_missing", "ResourceNotFound", "boto3.client('kinesis').put_record(StreamName='clicks', Data=b'1', PartitionKey='a')"),
    aws("glue_database_missing", M, "database_missing", "EntityNotFound", "boto3.client('glue').get_tables(DatabaseName='raw')"),
    aws("glue_table_exists", C, "resource_already_exists", "AlreadyExists", "g = boto3.client('glue')\ng.create_database(DatabaseInput={'Name': 'm'})\nfor _ in 1, 2: g.create_table(DatabaseName='m', TableInput={'Name': 't'})"),
    aws("glue_partition_exists", D, "already_loaded", "Partition already exists|AlreadyExists", "g = boto3.client('glue')\ng.create_database(DatabaseInput={'Name': 'n'})\ng.create_table(DatabaseName='n', TableInput={'Name': 't'})\nfor _ in 1, 2: g.create_partition(DatabaseName='n', TableName='t', PartitionInput={'Values': ['2024-05-02'], 'StorageDescriptor': {'Columns': []}})"),
    aws("glue_partition_missing", M, "partition_missing", "Cannot find partition|EntityNotFound", "g = boto3.client('glue')\ng.create_database(DatabaseInput={'Name': 'o'})\ng.create_table(DatabaseName='o', TableInput={'Name': 't'})\ng.get_partition(DatabaseName='o', TableName='t', PartitionValues=['2024-05-02'])"),
    aws("glue_job_missing", M, "resource_missing", "EntityNotFound", "boto3.client('glue').start_job_run(JobName='nightly')"),
    aws("secret_missing", C, "resource_undefined", "ResourceNotFound", "boto3.client('secretsmanager').get_secret_value(SecretId='warehouse/dsn')"),
    aws("parameter_store_missing", C, "resource_undefined", "ParameterNotFound", "boto3.client('ssm').get_parameter(Name='/etl/dsn')"),
    aws("lambda_missing", M, "resource_missing", "ResourceNotFound|Function not found", "boto3.client('lambda').invoke(FunctionName='enrich')"),
    aws("stepfunctions_missing", M, "resource_missing", "DoesNotExist", "boto3.client('stepfunctions').start_execution(stateMachineArn='arn:aws:states:eu-west-1:123456789012:stateMachine:nightly')"),
    aws("stepfunctions_exists", C, "resource_already_exists", "ExecutionAlreadyExists", "s = boto3.client('stepfunctions')\na = s.create_state_machine(name='n', definition='{\"StartAt\": \"W\", \"States\": {\"W\": {\"Type\": \"Wait\", \"Seconds\": 60, \"End\": true}}}', roleArn='arn:aws:iam::123456789012:role/r')['stateMachineArn']\ns.start_execution(stateMachineArn=a, name='d1', input='{}')\ns.start_execution(stateMachineArn=a, name='d1', input='{\"x\": 1}')"),
    aws("kms_missing", C, "resource_undefined", "NotFound", "boto3.client('kms').encrypt(KeyId='alias/lake', Plaintext=b'1')"),
    aws("ec2_group_missing", C, "resource_undefined", "InvalidGroup.NotFound", "boto3.client('ec2').describe_security_groups(GroupIds=['sg-0a1b2c3d'])"),
    aws("cloudwatch_group_missing", M, "resource_missing", "ResourceNotFound", "boto3.client('logs').get_log_events(logGroupName='/etl/nightly', logStreamName='s')"),
    aws("firehose_missing", M, "resource_missing", "ResourceNotFound", "boto3.client('firehose').put_record(DeliveryStreamName='clicks', Record={'Data': b'1'})"),
    aws("ecr_image_missing", M, "image_missing", "RepositoryNotFound|ImageNotFound", "boto3.client('ecr').describe_images(repositoryName='etl/loader')"),
    aws("athena_workgroup", C, "resource_undefined", "WorkGroup|not found|InvalidRequest", "boto3.client('athena').start_query_execution(QueryString='select 1', WorkGroup='etl')"),
    aws("waiter", U, "deadline_without_cause", "Max attempts exceeded", BUCKET % "lake12" + "s3.get_waiter('object_exists').wait(Bucket='lake12', Key='_SUCCESS', WaiterConfig={'Delay': 1, 'MaxAttempts': 2})"),
]
TOOL = Tool("http_clients", "http", version, FAULTS, setup, label="Python clients:")
