import type { CorePlan } from './plan.ts';
import { HEAD, SMOKE_HEAD } from './shell.ts';

/** k3s brings Traefik with its definitions; this changes its values and keeps its version with that of k3s. */
function config({ coexist }: CorePlan): string {
  const ports = coexist
    ? `    # A Nomad job has ports 80 and 443 of the nodes until the cut-over: Traefik waits on others.
    ports:
      web:
        exposedPort: 8880
      websecure:
        exposedPort: 8443
`
    : '';
  return `apiVersion: helm.cattle.io/v1
kind: HelmChartConfig
metadata:
  name: traefik
  namespace: kube-system
spec:
  valuesContent: |-
    providers:
      kubernetesCRD:
        enabled: true
        # routes and middlewares stay in their own namespace
        allowCrossNamespace: false
      kubernetesIngress:
        enabled: true
${ports}`;
}

const smoke = `${SMOKE_HEAD}
try "Traefik runs" "k3s was started with --disable=traefik, or has not installed it yet: kubectl -n kube-system get helmcharts" \\
  kubectl -n kube-system wait --for=condition=Available deployment/traefik --timeout=120s
for name in ingressroutes middlewares serverstransports; do
  try "the definition of $name is there" "kubectl get customresourcedefinitions | grep traefik" \\
    kubectl get customresourcedefinition "$name.traefik.io"
done
try "the class traefik is there" "kubectl get ingressclasses" kubectl get ingressclass traefik
address="$(kubectl -n kube-system get service traefik -o jsonpath='{.status.loadBalancer.ingress[0].ip}' 2>/dev/null || true)"
if [ -n "$address" ]; then pass "Traefik has the address $address"; else fail "Traefik has an address" "no load balancer serves it: k3s without --disable=servicelb has one"; fi
finish
`;

export function ingress(plan: CorePlan): ReadonlyMap<string, string> {
  return new Map([
    ['traefik.yaml', config(plan)],
    ['install.sh', `${HEAD}kubectl apply --server-side -f traefik.yaml\n`],
    ['smoke.sh', smoke],
  ]);
}
