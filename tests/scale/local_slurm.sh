#!/usr/bin/env bash
# A Slurm cluster of several nodes on this machine, without systemd, control groups and network, for tests:
#
#   local_slurm.sh start FOLDER NODES CPUS    and waits until all nodes are idle; then `. FOLDER/env` in a shell
#   local_slurm.sh kill-node FOLDER NODE      as a power cut: slurmd and what it runs get SIGKILL; nodes are node1, node2, ...
#   local_slurm.sh stop FOLDER                ends every process of this cluster
#   local_slurm.sh missing                    prints the programs that are missing
#
# All state lies in FOLDER, which need not be there.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

programs=(munged mungekey slurmctld slurmd sbatch srun scontrol sinfo squeue scancel)
patience=60 # seconds that a start may take

give_up() {
    echo "local_slurm: $*" >&2
    exit 1
}

missing() {
    local program
    for program in "${programs[@]}"; do command -v "$program" >/dev/null || echo "$program"; done
}

use_folder() {
    mkdir -p "$1"
    folder=$(cd "$1" && pwd -P)
    [[ $folder != *[[:space:]]* && ${#folder} -le 70 ]] || give_up "$folder: Slurm wants a name of at most 70 letters, without blanks"
    local name
    for name in ${!SLURM_*}; do unset "$name"; done # those of a job that calls this
    export SLURM_CONF=$folder/slurm.conf
}

# Whether a process has a variable with that value.
has() { grep -qzxF -- "$2" "/proc/$1/environ" 2>/dev/null; }

# The daemon whose number the file holds, if it lives and is one of this cluster.
daemon_of() {
    local pid
    pid=$(cat "$1" 2>/dev/null) && [[ -n $pid ]] && has "$pid" "LOCAL_SLURM=$folder" && echo "$pid"
}

# The processes of this cluster, or of one of its nodes: the daemons, the steps, and what they run. Daemons have LOCAL_SLURM,
# what is run has SLURMD_NODENAME; steps have neither, but write to their node's log.
processes() { # [NODE]
    local file pid
    for file in $(grep -lzxF -e "LOCAL_SLURM=$folder" -e "SLURM_CONF=$SLURM_CONF" /proc/[0-9]*/environ 2>/dev/null); do
        pid=${file#/proc/} pid=${pid%/environ}
        if [[ -z ${1:-} ]]; then
            has "$pid" "LOCAL_SLURM=$folder" || grep -qz '^SLURMD_NODENAME=' "$file" 2>/dev/null ||
                [[ $(cat "/proc/$pid/comm" 2>/dev/null) == slurmstepd ]] || continue
        else
            has "$pid" "LOCAL_SLURM_NODE=$1" || has "$pid" "SLURMD_NODENAME=$1" ||
                readlink "/proc/$pid"/fd/* 2>/dev/null | grep -qxF "$folder/$1.log" || continue
        fi
        echo "$pid"
    done
    return 0
}

# The first port from $port on that nobody listens at.
free_port() {
    while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
    echo "$port"
}

write_configuration() {
    local user host port=17100 i
    user=$(id -un) host=$(hostname -s)
    {
        port=$(free_port)
        # cred_expire: a job that is requeued waits that long. SlurmdTimeout: until a node that is cut off is down.
        cat <<CONF
ClusterName=local
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool-%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_min_interval=20000,bf_interval=1
SlurmdParameters=config_overrides
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmctldTimeout=10
SlurmdTimeout=10
MessageTimeout=10
InactiveLimit=0
KillWait=5
ReturnToService=2
JobRequeue=1
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
CONF
        for ((i = 1; i <= nodes; ++i)); do
            port=$((port + 1))
            port=$(free_port)
            echo "NodeName=node$i NodeHostname=$host NodeAddr=127.0.0.1 Port=$port CPUs=$cpus State=UNKNOWN"
        done
        echo "PartitionName=local Nodes=ALL Default=YES MaxTime=INFINITE State=UP GraceTime=0"
    } >"$folder/slurm.conf"
    echo CgroupAutomount=no >"$folder/cgroup.conf"
    printf 'export SLURM_CONF=%q\n' "$folder/slurm.conf" >"$folder/env"
}

daemon() { # NAME COMMAND...
    LOCAL_SLURM=$folder LOCAL_SLURM_NODE=$1 "${@:2}" >"$folder/$1.out" 2>&1 </dev/null ||
        give_up "$1 does not start: $(tail -n 1 "$folder/$1.out")"
}

all_are_idle() {
    local states
    states=$(sinfo -h -N -o %t 2>/dev/null) && [[ $(grep -cx idle <<<"$states") == "$nodes" ]]
}

start() {
    local i until=$((SECONDS + patience))
    mkdir -p "$folder/state" "$folder/lib"
    write_configuration
    mungekey --create --keyfile="$folder/munge.key"
    # --force: munged's checks of folders are for machines with several users.
    daemon munged munged --force --socket="$folder/munge.socket" --key-file="$folder/munge.key" --num-threads=2 \
        --pid-file="$folder/munged.pid" --log-file="$folder/munged.log" --seed-file="$folder/lib/munge.seed"
    daemon slurmctld slurmctld
    for ((i = 1; i <= nodes; ++i)); do
        mkdir -p "$folder/spool-node$i"
        daemon "node$i" slurmd -N "node$i"
    done
    until all_are_idle; do
        ((SECONDS < until)) || give_up "the nodes do not answer: $(grep -hiE 'error|fatal' "$folder"/*.log | tail -n 3)"
        sleep 0.2
    done
}

stop() {
    local pids round
    if daemon_of "$folder/slurmctld.pid" >/dev/null; then
        timeout 10 scancel --user="$(id -un)" 2>/dev/null || true
    fi
    for ((round = 0; round < 60; ++round)); do
        pids=$(processes)
        [[ -n $pids ]] || return 0
        # shellcheck disable=SC2086  # a list
        if ((round == 10)); then kill $pids 2>/dev/null || true; fi
        # shellcheck disable=SC2086
        if ((round == 40)); then kill -KILL $pids 2>/dev/null || true; fi
        ((round > 0)) || timeout 5 squeue -h 2>/dev/null | grep -q . || round=9
        sleep 0.2
    done
    give_up "these processes do not end: $pids"
}

kill_node() { # NODE
    local pids
    daemon_of "$folder/$1.pid" >/dev/null || give_up "$1 does not run"
    pids=$(processes "$1")
    # Stopped first, or a step would tell the controller of its task's death.
    # shellcheck disable=SC2086
    kill -STOP $pids 2>/dev/null || true
    # shellcheck disable=SC2086
    kill -KILL $pids 2>/dev/null || true
}

case $* in
    "start "*)
        use_folder "$2"
        nodes=$3 cpus=$4
        start
        ;;
    "stop "*) use_folder "$2" && stop ;;
    "kill-node "*) use_folder "$2" && kill_node "$3" ;;
    missing) missing ;;
    *) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0" >&2 && exit 2 ;;
esac
