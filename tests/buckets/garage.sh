# A Garage of its own, one node: a real S3 server for tests. Says `ready` once it is, and stops when standard input ends, as it does when
# whoever started it dies of anything.
# sh garage.sh PROGRAM RPC_PORT S3_PORT BUCKET ROOT_DOMAIN
trap '' INT TERM
garage=$1 rpc=$2 port=$3 bucket=$4 root=$5
dir=$(mktemp -d) && cd "$dir" || exit
cat >garage.toml <<END
metadata_dir = "$dir/meta"
data_dir = "$dir/data"
db_engine = "sqlite"
replication_factor = 1
rpc_bind_addr = "127.0.0.1:$rpc"
rpc_public_addr = "127.0.0.1:$rpc"
rpc_secret = "$(tr -d - </proc/sys/kernel/random/uuid)$(tr -d - </proc/sys/kernel/random/uuid)"
[s3_api]
api_bind_addr = "127.0.0.1:$port"
s3_region = "garage"
root_domain = "$root"
END
export GARAGE_DEFAULT_ACCESS_KEY=GK0123456789abcdef01234567
export GARAGE_DEFAULT_SECRET_KEY=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
export GARAGE_DEFAULT_BUCKET=$bucket
"$garage" -c garage.toml server --single-node --default-bucket >log 2>&1 & pid=$!
curl --silent --show-error --fail --retry 600 --retry-connrefused --retry-all-errors --retry-delay 1 --retry-max-time 120 --output /dev/null \
    --aws-sigv4 aws:amz:garage:s3 --user "$GARAGE_DEFAULT_ACCESS_KEY:$GARAGE_DEFAULT_SECRET_KEY" \
    --header "Host: $bucket$root" --header "x-amz-content-sha256: UNSIGNED-PAYLOAD" "http://127.0.0.1:$port/?list-type=2&max-keys=1" 2>>log
if [ $? = 0 ]; then echo ready; else echo failed; tail -n 20 log >&2; fi
read -r _
kill -KILL $pid
cd / && rm -rf "$dir"
