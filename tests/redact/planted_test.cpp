// Secrets planted in a long log of several tools: none remains, what tells the cause does.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "catalog.h"

namespace mend {
namespace {

using redact_test::redact;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kAlnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kHex = "0123456789abcdef";

// Makes secrets up and remembers them.
class Planter {
 public:
  // `prefix` may come in two pieces, so that this file holds nothing that looks like a leak.
  std::string plant(std::string prefix, std::size_t length, std::string_view alphabet = kAlnum) {
    std::string body;
    while (body.size() < length) body += alphabet[random_.next() % alphabet.size()];
    if (alphabet == kAlnum && body.size() >= 8) body.replace(3, 3, "K7d");  // never letters alone
    planted_.push_back(body);
    return prefix + body;
  }
  std::string fixed(std::string text) {
    planted_.push_back(text);
    return text;
  }
  const std::vector<std::string>& planted() const { return planted_; }

 private:
  SeededRandom random_{20260101};
  std::vector<std::string> planted_;
};

TEST(PlantedSecrets, NoneRemains) {
  Planter p;
  std::string log;
  const auto line = [&](const std::string& text) { log += text + "\n"; };
  // Airflow
  line("[2026-01-01, 02:00:03 UTC] {taskinstance.py:1327} INFO - Executing <Task(PythonOperator): load_orders>");
  line("[2026-01-01, 02:00:04 UTC] {base.py:73} INFO - Using connection ID 'dwh' postgresql://etl:" + p.plant("", 12) +
       "@db.example.com:5432/dwh");
  line("[2026-01-01, 02:00:04 UTC] {base.py:73} INFO - extra: {'token': '" + p.plant("", 24) + "', 'region_name': 'eu-west-1'}");
  line("psycopg2.OperationalError: FATAL:  password authentication failed for user \"etl\"");
  line("    conn = psycopg2.connect(host='db', password='" + p.plant("", 10) + "', dbname='dwh')");
  line("DETAIL:  Key (email)=(" + p.fixed("jane.doe") + "@example.com) already exists.");
  line("DETAIL:  Failing row contains (7, " + p.fixed("4111 1111 1111 1111") + ", " + p.fixed("DE89 3704 0044 0532 0130 00") + ", " +
       p.fixed("078-05-1120") + ").");
  line("DETAIL:  phone=" + p.fixed("+49 170 1234567") + " nino " + p.fixed("AB123456C"));
  // Spark
  line("26/01/01 02:00:05 ERROR Executor: Exception in task 0.0 in stage 3.0 (TID 1732460000123)");
  line("org.apache.hadoop.fs.s3a.AWSBadRequestException: s3a://lake/orders/dt=2026-01-01: 403 Access Denied; " +
       p.plant(std::string("AK") + "IA", 16, "ABCDEFGHIJKLMNOP234567"));
  line("spark.hadoop.fs.s3a.secret.key=" + p.plant("", 40));
  line("spark.hadoop.fs.azure.account.key.lake.dfs.core.windows.net=" + p.plant("", 86) + "==");
  line("--conf spark.hadoop.javax.jdo.option.ConnectionPassword=" + p.plant("", 11) + " --class com.acme.Load");
  line("java.sql.SQLException: jdbc:sqlserver://db:1433;user=sa;password=" + p.plant("", 13) + ";encrypt=true");
  line("jdbc:oracle:thin:etl/" + p.plant("", 9) + "@//db1:1521/ORCL");
  line("Exception: Invalid access token " + p.plant(std::string("da") + "pi", 32, kHex));
  // curl
  line("+ curl -sS -u etl:" + p.plant("", 10) + " https://api.example.com/v1/orders");
  line("+ curl -H 'Authorization: Bearer " + p.plant("", 40) + "' https://api.example.com");
  line("> Authorization: Basic " + p.fixed("ZXRsOm5vdC1hLXJlYWwtcGFzcw=="));
  line("> Cookie: session=" + p.plant("", 32) + "; csrftoken=" + p.plant("", 32));
  line("< Set-Cookie: sid=" + p.plant("", 26) + "; Path=/; HttpOnly");
  line("> X-Api-Key: " + p.plant("", 32));
  line("> X-Vault-Token: " + p.plant("hvs.", 40));
  line("< WWW-Authenticate: Bearer realm=\"https://auth.example.com\", error=\"invalid_token\"");
  line("GET https://lake.blob.core.windows.net/c/f.csv?sv=2022-11-02&sig=" + p.plant("", 43) + "%3D HTTP/1.1");
  line("POST https://hooks.slack.com/services/" + p.plant("T00000000/B00000000/", 24));
  // environment
  line("AWS_SECRET_ACCESS_KEY=" + p.plant("", 40));
  line("AWS_SESSION_TOKEN=" + p.plant("IQoJ", 80));
  line("export SNOWFLAKE_PASSWORD='" + p.plant("", 12) + "'");
  line("GITHUB_TOKEN=" + p.plant(std::string("gh") + "p_", 36));
  line("NPM_CONFIG=//registry.npmjs.org/:_authToken=" + p.plant(std::string("np") + "m_", 36));
  line("SLACK_BOT=" + p.plant(std::string("xox") + "b-1234567890-", 24));
  line("STRIPE=" + p.plant(std::string("sk_") + "live_", 24));
  line("OPENAI=" + p.plant(std::string("sk-") + "proj-", 48));
  line("CLAUDE=" + p.plant(std::string("sk-") + "ant-api03-", 80));
  line("GCP=" + p.plant(std::string("AI") + "za", 35));
  line("docker run -e FOO_PASSWORD=" + p.plant("", 9) + " -e LEVEL=debug img:1.2");
  line("redis://:" + p.plant("", 14) + "@cache:6379/0");
  line("PWD=/opt/airflow");
  // JSON
  line(R"({"type":"service_account","private_key_id":")" + p.plant("", 40, kHex) + R"(","private_key":"-----BEGIN )" +
       R"(PRIVATE KEY-----\n)" + p.plant("", 64) + R"(\n)" + p.plant("", 30) +
       R"(=\n-----END PRIVATE KEY-----\n","client_email":"etl@p.iam.gserviceaccount.com"})");
  line(R"({"request":{"headers":{"authorization":"Bearer )" + p.plant("eyJ", 20) + "." + p.plant("", 40) + "." + p.plant("", 43) +
       R"("}},"status":401})");
  line(R"({"ctx":"{\"conn\":{\"password\":\")" + p.plant("", 12) + R"(\",\"client_secret\":\")" + p.plant("", 32) + R"(\"}}"})");
  line(R"({"name": "DB_PASSWORD", "value": ")" + p.plant("", 12) + R"("})");
  line("<property><name>javax.jdo.option.ConnectionPassword</name><value>" + p.plant("", 12) + "</value></property>");
  line("ALTER ROLE etl WITH PASSWORD '" + p.plant("", 12) + "'");
  line("-----BEGIN RSA " + std::string("PRIVATE KEY-----\n") + p.plant("", 64) + "\n" + p.plant("", 64) +
       "\n-----END RSA PRIVATE KEY-----");
  ASSERT_GE(p.planted().size(), 40U);

  const std::string clean = redact(log);
  for (const auto& secret : p.planted()) EXPECT_THAT(clean, Not(HasSubstr(secret)));
  EXPECT_EQ(redact(clean), clean);
  for (const auto* kept :
       {"[2026-01-01, 02:00:03 UTC] {taskinstance.py:1327} INFO - Executing <Task(PythonOperator): load_orders>",
        "password authentication failed for user \"etl\"", "postgresql://etl:[redacted:password]@db.example.com:5432/dwh", "Key (email)=(",
        "(TID 1732460000123)", "s3a://lake/orders/dt=2026-01-01: 403 Access Denied", "com.acme.Load", "jdbc:sqlserver://db:1433;user=sa",
        "encrypt=true", "error=\"invalid_token\"", "PWD=/opt/airflow", "etl@p.iam.gserviceaccount.com", "\"status\":401",
        "-e LEVEL=debug img:1.2", "jdbc:oracle:thin:etl/"})
    EXPECT_THAT(clean, HasSubstr(kept));

  // The same with the log as one JSON text, as many shippers send it.
  std::string escaped = R"({"log":")";
  for (const char c : log) {
    if (c == '\n')
      escaped += "\\n";
    else if (c == '"' || c == '\\')
      escaped += '\\', escaped += c;
    else
      escaped += c;
  }
  escaped += "\"}";
  const std::string clean_json = redact(escaped);
  for (const auto& secret : p.planted()) EXPECT_THAT(clean_json, Not(HasSubstr(secret)));
  EXPECT_EQ(redact(clean_json), clean_json);
}

TEST(PlantedSecrets, DiagnosisStays) {
  for (const std::string text : {
           "ERROR: permission denied for table orders",
           "FATAL:  password authentication failed for user \"etl\"",
           "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the GetObject operation: Access Denied",
           "An error occurred (ExpiredToken) when calling the PutObject operation: The provided token has expired.",
           "{\"error\":\"invalid_token\",\"error_description\":\"The access token expired\"}",
           "User: arn:aws:iam::123456789012:user/loader is not authorized to perform: glue:GetTable",
           "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1B2c3",
           "duplicate key value violates unique constraint \"orders_pkey\" DETAIL: Key (order_id)=(1732460000123) already exists.",
           "column \"password\" of relation \"users\" does not exist",
           "KeyError: 'api_key'",
           "trace 4bf92f3577b34da6a3ce929d0e0e4736 span 00f067aa0ba902b7 request 123e4567-e89b-12d3-a456-426614174000",
           "image sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
           "s3://lake/raw/orders/dt=2026-01-01/part-00000-0f1e2d3c-c000.snappy.parquet",
           "connect to 10.0.12.7:5432 failed: Connection timed out; [fe80::1]:9092",
           "java.lang.OutOfMemoryError: Java heap space at org.apache.spark.sql.Row$@7a5d012c",
           "max_tokens=4096 token_count=12 session_timeout=30s auth_type=oauth2 secret_name=prod/db",
           "MountVolume.SetUp failed for volume \"creds\" : secret \"db-creds\" not found",
           "SyntaxError: Unexpected token: '}' at line 3",
           "Access denied for user 'etl'@'10.0.0.7' (using password: YES)",
           "2026-01-01T02:00:03.123456+02:00 offset 9007199254740993 lag 1,234,567 rows +1234",
           "pg_hba.conf rejects connection for host \"10.0.0.7\", user \"etl\", database \"dwh\", SSL off",
       })
    EXPECT_EQ(redact(text), text);
}

}  // namespace
}  // namespace mend
