import { charts } from './chart.ts';
import { HEAD, helm, SMOKE_HEAD } from './shell.ts';

/** Recommends and changes nothing: no updater evicts, no webhook rewrites pods. */
const values = `# Only the recommender: \`larder nomad rightsize\` writes what it recommends into the manifests, where a person sees it.
recommender:
  enabled: true
  replicas: 1
  podDisruptionBudget:
    enabled: false
updater:
  enabled: false
admissionController:
  enabled: false
`;

const smoke = `${SMOKE_HEAD}
NS=kube-system
try "the definition of VerticalPodAutoscaler is there" "run install.sh" \\
  kubectl get customresourcedefinition verticalpodautoscalers.autoscaling.k8s.io
try "the recommender runs" "kubectl -n $NS describe pods -l app.kubernetes.io/name=vertical-pod-autoscaler" \\
  kubectl -n "$NS" wait --for=condition=Available deployment -l app.kubernetes.io/instance=vpa --timeout=60s
try "metrics of pods are served" "the recommender sees nothing without: k3s has metrics-server, unless it was disabled" \\
  kubectl get --raw /apis/metrics.k8s.io/v1beta1/pods
if ! names="$(kubectl -n "$NS" get deployment -o name 2>&1)"; then
  fail "nothing evicts or rewrites pods" "the deployments of $NS cannot be listed ($(echo "$names" | tail -n 1))"
elif echo "$names" | grep -E 'vpa.*(updater|admission)' >/dev/null; then
  fail "nothing evicts or rewrites pods" "an updater or an admission controller of the VPA runs; these values have neither"
else
  pass "nothing evicts or rewrites pods"
fi
with="$(kubectl get verticalpodautoscalers -A -o jsonpath='{range .items[?(@.status.recommendation)]}{.metadata.name}{"\\n"}{end}' 2>/dev/null | grep -c . || true)"
note "$with autoscalers have a recommendation; a new one takes some hours of use"
finish
`;

export const vpa: ReadonlyMap<string, string> = new Map([
  ['values.yaml', values],
  ['install.sh', `${HEAD}\n${helm('vpa', 'kube-system', charts.vpa)}`],
  ['smoke.sh', smoke],
]);
