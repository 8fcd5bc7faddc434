#!/usr/bin/env bash
# `easel run --together` on a Slurm of four nodes on this machine: an array of 8 tasks draws 120 pictures, while a node dies, a
# task is requeued and a process is killed. $1 is the program; run from the top of the tree.
set -euo pipefail
# shellcheck source=tests/scale/common.sh
source tests/scale/common.sh "$1"
slurm=$tree/tests/scale/local_slurm.sh
PATH=$PATH:/usr/sbin:/sbin
absent=$(bash "$slurm" missing)
# shellcheck disable=SC2086  # a list
[[ -z $absent ]] || skip "Slurm is not installed: there is no" $absent
trap 'bash "$slurm" stop "$folder/slurm"; rm -rf --one-file-system "$folder"' EXIT
bash "$slurm" start "$folder/slurm" 4 2
# shellcheck disable=SC1091
source "$folder/slurm/env"
export EASEL_HOME=$tree

# The numbers of the processes that draw for an array's task.
processes_of() { # JOB TASK
    local file
    for file in $(grep -lzxF "SLURM_ARRAY_JOB_ID=$1" /proc/[0-9]*/environ 2>/dev/null); do
        grep -qzxF "SLURM_ARRAY_TASK_ID=$2" "$file" && [[ $(cat "${file%/environ}/comm") == easel ]] &&
            basename "${file%/environ}"
    done
    return 0
}
runs() { # JOB TASK
    [[ -n $(processes_of "$@") ]]
}
at_least() { (($(published) >= $1)); }
has_ended() { [[ -z $(squeue -h -j "$1" 2>/dev/null) ]]; }

echo "== an array of 8 tasks, 120 pictures"
mkdir "$folder/array" && cd "$folder/array"
pictures=120
write_job $pictures 60
job=$(sbatch --parsable --array=0-7 --requeue --open-mode=append --output=out-%a --error=err-%a \
    --wrap "exec '$program' run job.toml --together --json")
gather=$(sbatch --parsable --dependency="afterany:$job" --output=gather.out --error=gather.err \
    --wrap "exec '$program' run job.toml --sheet-only --sheet gathered.png")
wait_until 120 at_least 15
for task in 0 1 2 3 4 5 6 7; do wait_until 60 runs "$job" $task; done
lost_node=$(squeue -h -r -j "${job}_0" -o %N)
bash "$slurm" kill-node "$folder/slurm" "$lost_node"
echo "after $(published) pictures $lost_node died"
wait_until 120 at_least 35
for task in 1 2 3 4 5 6 7; do
    runs "$job" "$task" || continue
    if [[ -z ${requeued:-} ]]; then
        requeued=$task
        scontrol requeue "${job}_$task"
        echo "after $(published) pictures task $task was requeued"
    elif [[ -z ${killed:-} ]]; then
        killed=$task
        wait_until 120 at_least 55
        # shellcheck disable=SC2046
        kill -KILL $(processes_of "$job" "$task")
        echo "after $(published) pictures the process of task $task was killed"
    fi
done
[[ -n ${killed:-} ]] || fail "no task was left to kill"
(($(published) < pictures)) || fail "all was drawn before the last process was killed"
wait_until 300 has_ended "$job"
wait_until 60 has_ended "$gather"
# A node with two tasks, a requeued one, and a killed process.
expect_each_once $pictures 4 out-*
[[ -s gathered.png ]] || fail "the job that gathers found: $(cat gather.err)"
scontrol show job "$job" | grep -oE 'ArrayTaskId=[0-9]+|JobState=[A-Z_]+|Restarts=[0-9]+' | paste -sd ' ' | fold -s

echo "== shares of the steps that srun starts, and of an array"
for call in "srun -n 4" "array"; do
    rm -rf "$folder/shares" && mkdir "$folder/shares" && cd "$folder/shares"
    write_job 10 1
    if [[ $call == array ]]; then
        job=$(sbatch --parsable --array=4-10:2 --output=out-%a --error=err-%a \
            --wrap "exec '$program' run job.toml --share auto --json")
        wait_until 120 has_ended "$job"
    else
        srun -n 4 --output=out-%t --error=err-%t "$program" run job.toml --share auto --json
    fi
    [[ $(drawn out-*) == 10 && $(published) == 10 ]] || fail "$call: $(drawn out-*) drawn, $(published) there; $(cat err-*)"
    echo "$call: 10 pictures, each drawn once"
done

echo "== a batch script that starts nothing draws all"
rm -rf "$folder/shares" && mkdir "$folder/shares" && cd "$folder/shares"
write_job 4 1
job=$(sbatch --parsable -n 4 --output=out --error=err --wrap "exec '$program' run job.toml --json")
wait_until 120 has_ended "$job"
[[ $(drawn out) == 4 ]] || fail "$(drawn out) of 4 pictures; $(cat err)"
