import { charts } from './chart.ts';
import { cidrs } from './plan.ts';
import { HEAD, helm, SMOKE_HEAD } from './shell.ts';

const values = `# Pods talk through WireGuard between nodes. That is encryption from node to node, and no mTLS: a pod is known by its
# address and labels, not by a certificate, and pods of one node talk in plain text. Who may talk to whom is what
# network policies say. See smoke.sh for what is checked.
ipam:
  operator:
    clusterPoolIPv4PodCIDRList: [${cidrs.pods}]
operator:
  replicas: 1
# k3s keeps its kube-proxy. Replacing it needs k3s with --disable-kube-proxy, and is a step of its own.
kubeProxyReplacement: "false"
cni:
  # configurations of other programs on the node, such as a Nomad client's, stay where they are
  exclusive: false
encryption:
  enabled: true
  type: wireguard
  strictMode:
    egress:
      # a pod's packet that would leave its node unencrypted is dropped
      enabled: true
      cidr: ${cidrs.pods}
      allowRemoteNodeIdentities: true
hubble:
  enabled: true
  relay:
    enabled: true
  ui:
    enabled: true
`;

const smoke = `${SMOKE_HEAD}
NS=kube-system
agent() { kubectl -n "$NS" exec ds/cilium -c cilium-agent -- "$@"; }
wireguard() { agent cilium-dbg encrypt status | grep -qi 'Encryption: *Wireguard'; }
strict() { [ "$(kubectl -n "$NS" get configmap cilium-config -o jsonpath='{.data.enable-encryption-strict-mode-egress}')" = true ]; }
try "the agents run on every node" "kubectl -n $NS describe daemonset cilium" \\
  kubectl -n "$NS" rollout status daemonset/cilium --timeout=120s
try "traffic between nodes goes through WireGuard" "cilium-dbg encrypt status does not say Wireguard: look at values.yaml" wireguard
try "what would leave a node unencrypted is dropped" "strict mode is off: look at encryption.strictMode in values.yaml" strict
try "Hubble's relay answers" "kubectl -n $NS describe deployment hubble-relay" \\
  kubectl -n "$NS" wait --for=condition=Available deployment/hubble-relay --timeout=60s

smoke_namespace larder-smoke-mesh
kubectl -n "$SMOKE_NS" run server --image="$SMOKE_IMAGE" --labels=app=server -- sh -c 'echo ok >/tmp/index.html; httpd -f -p 8080 -h /tmp' >/dev/null
kubectl -n "$SMOKE_NS" run friend --image="$SMOKE_IMAGE" --labels=app=friend -- sleep 600 >/dev/null
kubectl -n "$SMOKE_NS" run stranger --image="$SMOKE_IMAGE" --labels=app=stranger -- sleep 600 >/dev/null
must "the pods of this check run" "kubectl -n $SMOKE_NS describe pods: without them nothing is tried" \\
  kubectl -n "$SMOKE_NS" wait --for=condition=Ready pod --all --timeout="$SMOKE_WAIT"
address="$(kubectl -n "$SMOKE_NS" get pod server -o jsonpath='{.status.podIP}')"
get() { kubectl -n "$SMOKE_NS" exec "$1" -- wget -q -T 5 -O - "http://$address:8080/"; }
must "without a policy a pod reaches another" "look at cilium-dbg monitor for drops" get stranger
kubectl -n "$SMOKE_NS" apply -f - >/dev/null <<'POLICY'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: server }
spec:
  podSelector: { matchLabels: { app: server } }
  policyTypes: [Ingress]
  ingress: [{ from: [{ podSelector: { matchLabels: { app: friend } } }] }]
POLICY
sleep 5
must "a pod that the policy lets in is let in" "cilium-dbg endpoint list shows whether policies are enforced" get friend
refused "a pod that the policy does not let in is refused" "policies are not enforced" get stranger
note "this is encryption between nodes and not mTLS: a plain-text peer on the same node is refused by policies alone"
finish
`;

export const cilium: ReadonlyMap<string, string> = new Map([
  ['values.yaml', values],
  ['install.sh', `${HEAD}\n${helm('cilium', 'kube-system', charts.cilium)}`],
  ['smoke.sh', smoke],
]);
