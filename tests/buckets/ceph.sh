# A Ceph of its own (monitor, one OSD in memory, RADOS gateway): a real S3 server for tests. Says `ready` once it is, and stops when
# standard input ends, as it does when whoever started it dies of anything.
# sh ceph.sh MONITOR_PORT OLD_MONITOR_PORT S3_PORT
trap '' INT TERM
mon2=$1 mon1=$2 port=$3
dir=$(mktemp -d) && cd "$dir" || exit
cat >ceph.conf <<END
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon host = [v2:127.0.0.1:$mon2,v1:127.0.0.1:$mon1]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = $dir/keyring
run dir = $dir
admin socket = $dir/\$name.asok
pid file =
log file = $dir/\$name.log
crash dir = $dir/crash
mon data = $dir/mon
mon data avail crit = 1
mon data avail warn = 1
mon allow pool size one = true
osd data = $dir/osd
osd objectstore = memstore
memstore device bytes = 1073741824
osd class load list = *
osd class default list = *
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
rgw data = $dir/rgw
rgw frontends = beast endpoint=127.0.0.1:$port
rgw s3 auth use sts = true
rgw sts key = 0123456789abcdef
END
mkdir mon osd rgw crash
ceph="-c $dir/ceph.conf"
{
    ceph-authtool --create-keyring keyring --gen-key -n mon. --cap mon 'allow *'
    for name in client.admin client.rgw osd.0; do
        ceph-authtool keyring --gen-key -n $name --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
    done
    monmaptool --create --clobber --addv a "[v2:127.0.0.1:$mon2,v1:127.0.0.1:$mon1]" monmap
    ceph-mon $ceph --mkfs -i a --monmap monmap --keyring keyring
    ceph-mon $ceph -i a -f & pids=$!
    uuid=$(cat /proc/sys/kernel/random/uuid)
    ceph $ceph -n client.admin osd new "$uuid"
    ceph-osd $ceph -i 0 --mkfs --osd-uuid "$uuid"
    ceph-osd $ceph -i 0 -f & pids="$pids $!"
    radosgw $ceph -n client.rgw -f & pids="$pids $!"
    radosgw-admin $ceph -n client.rgw user create --uid=test --display-name=test --access-key=TESTKEY --secret=TESTSECRET --caps="roles=*"
    curl --silent --show-error --fail --retry 600 --retry-connrefused --retry-delay 1 --retry-max-time 120 --output /dev/null \
        --aws-sigv4 aws:amz:us-east-1:s3 --user TESTKEY:TESTSECRET --header "x-amz-content-sha256: UNSIGNED-PAYLOAD" \
        --request PUT "http://127.0.0.1:$port/bucket"
    made=$?
} >log 2>&1
if [ "$made" = 0 ]; then echo ready; else echo failed; tail -n 20 log >&2; fi
read -r _
kill -KILL $pids
cd / && rm -rf "$dir"
