#!/usr/bin/env bash
# The files of deploy/ are what HAProxy, systemd and Kubernetes accept, and know no flag that easel lacks. $1 is the program; run
# from the top of the tree. Kubernetes' schemas come with kubernetes-validate, from PyPI.
set -euo pipefail
# shellcheck source=tests/scale/common.sh
source tests/scale/common.sh "$1"
trap 'rm -rf --one-file-system "$folder"' EXIT
PATH=$PATH:/usr/sbin:/sbin
left_out=()

# Every long flag of the files that is not another program's.
known=$("$program" serve --help && "$program" run --help)
for flag in $(grep -hoE -e 'easel (serve|run) .*|args: .*|^ +\[serve.*' -r deploy docs/scale.md | grep -oE -e '--[a-z][a-z-]+' | sort -u); do
    case $flag in
        --array | --wrap | --dependency | --from-literal | --from-file) ;;
        *) grep -qF -e "$flag" <<<"$known" || fail "deploy/ or docs/scale.md has $flag, which easel does not know" ;;
    esac
done

if command -v haproxy >/dev/null; then
    haproxy -c -q -f deploy/haproxy.cfg || fail "HAProxy refuses deploy/haproxy.cfg"
    sed -n '/^  haproxy.cfg: |/,/^---/{s/^    //p}' deploy/kubernetes/server.yaml >"$folder/kubernetes.cfg"
    grep -q '^backend drawing' "$folder/kubernetes.cfg" || fail "there is no configuration in server.yaml"
    haproxy -c -q -f "$folder/kubernetes.cfg" || fail "HAProxy refuses what is in deploy/kubernetes/server.yaml"
else
    left_out+=(HAProxy)
fi

if command -v systemd-analyze >/dev/null; then
    sed "s|/usr/bin/easel|$program|" deploy/easel.service >"$folder/easel.service"
    systemd-analyze verify "$folder/easel.service" || fail "systemd refuses deploy/easel.service"
else
    left_out+=(systemd)
fi

if python3 -m venv "$folder/venv" && "$folder/venv/bin/pip" -q install kubernetes-validate 2>"$folder/pip.log"; then
    for manifest in deploy/kubernetes/{job,server}.yaml; do
        "$folder/venv/bin/kubernetes-validate" --strict --quiet "$manifest" || fail "$manifest is not what Kubernetes takes"
    done
    # KEDA's schema (keda.sh_scaledobjects.yaml) is in no package; these are the fields of it that are used.
    "$folder/venv/bin/python" - deploy/kubernetes/autoscale.yaml <<'END' || fail "autoscale.yaml is not what KEDA takes"
import sys, yaml

scaled = yaml.safe_load(open(sys.argv[1]))
assert (scaled["apiVersion"], scaled["kind"]) == ("keda.sh/v1alpha1", "ScaledObject")
spec = scaled["spec"]
target, triggers = spec.pop("scaleTargetRef"), spec.pop("triggers")
assert set(spec) <= {"minReplicaCount", "maxReplicaCount", "idleReplicaCount", "cooldownPeriod", "pollingInterval"}, spec
assert all(type(value) is int for value in spec.values()), spec
server = [part for part in yaml.safe_load_all(open("deploy/kubernetes/server.yaml")) if part["kind"] == "Deployment"]
assert target["name"] in [part["metadata"]["name"] for part in server], target
for trigger in triggers:
    assert set(trigger) <= {"type", "name", "metadata", "metricType", "authenticationRef"}, trigger
    assert all(type(value) is str for value in trigger["metadata"].values()), trigger
    assert trigger["type"] != "prometheus" or {"serverAddress", "query", "threshold"} <= set(trigger["metadata"]), trigger
END
else
    left_out+=("Kubernetes' schemas")
fi

((${#left_out[@]} == 0)) || skip "not here, and not checked: ${left_out[*]}"
