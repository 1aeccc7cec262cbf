# program-api
cd /
check 3 /.berth/busybox sh /.berth/probe tcp 9000
run serve-api

# program-cache
export PASSWORD_FILE=cache-password
cd /
check 3 /.berth/busybox sh -c 'REDISCLI_AUTH=$(/.berth/busybox cat /run/secrets/cache-password) redis-cli ping | /.berth/busybox grep -qx PONG'
run /.berth/busybox sh /.berth/redis --dir /data --appendonly yes --maxmemory 192mb --maxmemory-policy noeviction --databases 16 --bind 127.0.0.1

# program-db
cd /
check 3 /.berth/busybox sh /.berth/probe postgres db db db-password
run /.berth/busybox sh /.berth/postgres db:db:db-password -- -c shared_buffers=64MB -c effective_cache_size=192MB -c maintenance_work_mem=16MB -c work_mem=1MB -c listen_addresses=127.0.0.1

# program-jobs
export API=http://127.0.0.1:9000
export CACHE_HOST=127.0.0.1
export CACHE_PORT=6379
export CACHE_USERNAME=''
export DB_DATABASE=db
export DB_HOST=127.0.0.1
export DB_PORT=5432
export DB_USERNAME=db
export LITERAL='${x}'
export MAIL_FROM=a@shop.test
export SITE=http://localhost
export SMTP_HOST=smtp.test
export SMTP_PORT=587
export SMTP_SECURITY=starttls
export SMTP_USERNAME=shop
cd /app
check 3 /.berth/busybox sh /.berth/start CACHE=web-CACHE CACHE_PASSWORD=web-CACHE_PASSWORD CACHE_URL=web-CACHE_URL DATABASE_URL=web-DATABASE_URL DB_PASSWORD=web-DB_PASSWORD DB_URL=web-DB_URL KEY=web-KEY REDIS_URL=web-REDIS_URL SMTP_PASSWORD=web-SMTP_PASSWORD -- alive
after web
run /.berth/busybox sh /.berth/start CACHE=web-CACHE CACHE_PASSWORD=web-CACHE_PASSWORD CACHE_URL=web-CACHE_URL DATABASE_URL=web-DATABASE_URL DB_PASSWORD=web-DB_PASSWORD DB_URL=web-DB_URL KEY=web-KEY REDIS_URL=web-REDIS_URL SMTP_PASSWORD=web-SMTP_PASSWORD -- work

# program-proxy
cd /
check 3 /.berth/busybox sh /.berth/probe http 8079 /
run nginx -c /etc/berth/nginx.conf -e /dev/stderr

# program-web
export API=http://127.0.0.1:9000
export CACHE_HOST=127.0.0.1
export CACHE_PORT=6379
export CACHE_USERNAME=''
export DB_DATABASE=db
export DB_HOST=127.0.0.1
export DB_PORT=5432
export DB_USERNAME=db
export LITERAL='${x}'
export MAIL_FROM=a@shop.test
export SITE=http://localhost
export SMTP_HOST=smtp.test
export SMTP_PORT=587
export SMTP_SECURITY=starttls
export SMTP_USERNAME=shop
cd /app
check 3 /.berth/busybox sh /.berth/probe tcp 8000
after db
after cache
once 300 /.berth/busybox sh /.berth/start CACHE=web-CACHE CACHE_PASSWORD=web-CACHE_PASSWORD CACHE_URL=web-CACHE_URL DATABASE_URL=web-DATABASE_URL DB_PASSWORD=web-DB_PASSWORD DB_URL=web-DB_URL KEY=web-KEY REDIS_URL=web-REDIS_URL SMTP_PASSWORD=web-SMTP_PASSWORD -- migrate
run /.berth/busybox sh /.berth/start CACHE=web-CACHE CACHE_PASSWORD=web-CACHE_PASSWORD CACHE_URL=web-CACHE_URL DATABASE_URL=web-DATABASE_URL DB_PASSWORD=web-DB_PASSWORD DB_URL=web-DB_URL KEY=web-KEY REDIS_URL=web-REDIS_URL SMTP_PASSWORD=web-SMTP_PASSWORD -- serve 100%
