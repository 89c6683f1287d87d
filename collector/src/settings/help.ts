export const HELP = `dwelltime collector: receives, stores and reports the time that people spend on pages.

Usage: dwelltime-collector [options]

  --port <number>         PORT        where to listen; 0 takes any free port (8787)
  --host <address>        HOST        on which address (127.0.0.1)
  --data-dir <directory>  DATA_DIR    where everything is stored (./data)
  --store <store>         STORE       sqlite, sqlite:./data or clickhouse:http://user:password@host:8123/database (sqlite)
  --keeper <0 or 1>       KEEPER      whether this one may end and count sessions; of many on one store one does, the others stand by (1)
  --reap-grace <seconds>  REAP_GRACE  how long a record may be on its way before its session is ended (300)
  --sites <list>          SITES       which sites may send, as in docs=https://docs.example.org,shop (any)
  --rate-limit <number>   RATE_LIMIT  records a minute from one address for one site; 0: no limit (6000)
  --trusted-hops <number> TRUSTED_HOPS  proxies of yours before this, whose X-Forwarded-For is true (0)
  --retention-days <number>  RETENTION_DAYS  days that sessions and views are kept, then only their counts; 0: for ever (0)
  --read-tokens <list>    READ_TOKENS who may read from elsewhere, as in 3f9a…,7bc1…;site=docs;page=/learn/* (nobody)
  --admin-token <token>   ADMIN_TOKEN who may delete users (nobody)
  --log-level <level>     LOG_LEVEL   debug, info, warn, error or silent (warn)
  --enable-prometheus-metrics <true or false>  DWELLTIME_ENABLE_PROMETHEUS_METRICS  whether there are metrics (true)
  --prometheus-metrics-port <number>  DWELLTIME_PROMETHEUS_METRICS_PORT  a port of their own (the collector's)
  --prometheus-metrics-path <path>    DWELLTIME_PROMETHEUS_METRICS_PATH  where Prometheus finds them (/metrics)
  --histogram-buckets <yaml>          DWELLTIME_HISTOGRAM_BUCKETS  upper bounds by metric, as in {page_visible_seconds: [10, 60]}
  --page-groups <list>                DWELLTIME_PAGE_GROUPS  the values of the label page_group beside other (none)
  --shell-types <list>                DWELLTIME_SHELL_TYPES  those of shell_type beside ScriptTag, NpmModule and Other (none)
  --stats <yaml>                      DWELLTIME_STATS  live figures by site, as in {docs: {trigger_after_duration: 10}} (none)
  --max-live-clients <number>         DWELLTIME_MAX_LIVE_CLIENTS  the most clients of the live stream (500)
  --alerts <yaml>                     DWELLTIME_ALERTS  rules, as in [{site: docs, above: 1800, webhook: https://…}] (none)
  --webhook-secret <text>             DWELLTIME_WEBHOOK_SECRET  signs what webhooks are told; wanted if there are rules
  --allow-private-webhooks <true or false>  DWELLTIME_ALLOW_PRIVATE_WEBHOOKS  webhooks in private networks (false)
  --config <file>                     DWELLTIME_CONFIG  settings by name, in YAML (./dwelltime.yaml if there is one)
  --backup <file>                     writes a copy of the data directory's store there and ends; while it runs, too
  --help                              this text
  --version                           the version

Each option can also be set by the environment variable beside it, with or without DWELLTIME_ in front of those that have
none here, and in the file by its name with underscores. Options win over variables, variables over the file.

Other commands: monitor (the live stream), mcp (tools for assistants, on stdio); each with --help.
`
