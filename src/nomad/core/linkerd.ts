import { linkerd as published } from './chart.ts';
import { HEAD, SMOKE_HEAD } from './shell.ts';

const values = `# Both ends of every connection between meshed pods prove who they are (mTLS). Traffic of pods without the proxy is not
# encrypted; with the policy below meshed pods refuse it. Namespaces ask for the proxy by the annotation
# linkerd.io/inject: enabled. There is no Hubble with Linkerd.
proxy:
  defaultInboundPolicy: all-authenticated
`;

function install(version: string): string {
  const { repository, crds, controlPlane } = published;
  const helm = `helm upgrade --install --repo ${repository} --version ${version} --namespace linkerd --create-namespace --wait --timeout 10m`;
  return `${HEAD}
# The trust anchor and the issuer are yours: nothing here makes or keeps a private key. With step:
#   step certificate create root.linkerd.cluster.local ca.crt ca.key --profile root-ca --no-password --insecure
#   step certificate create identity.linkerd.cluster.local issuer.crt issuer.key --profile intermediate-ca \\
#     --not-after 8760h --no-password --insecure --ca ca.crt --ca-key ca.key
for file in ca.crt issuer.crt issuer.key; do
  [ -f "$file" ] || { echo "$file is missing beside install.sh: its first lines say how to make it. Keep keys out of git" >&2; exit 2; }
done
${helm} linkerd-crds ${crds}
${helm} linkerd-control-plane ${controlPlane} --values values.yaml \\
  --set-file identityTrustAnchorsPEM=ca.crt \\
  --set-file identity.issuer.tls.crtPEM=issuer.crt \\
  --set-file identity.issuer.tls.keyPEM=issuer.key
`;
}

const smoke = `${SMOKE_HEAD}
try "the control plane runs" "kubectl -n linkerd describe pods" \\
  kubectl -n linkerd wait --for=condition=Available deployment --all --timeout=120s
smoke_namespace larder-smoke-mesh
meshed='{"metadata":{"annotations":{"linkerd.io/inject":"enabled"}}}'
kubectl -n "$SMOKE_NS" run server --image="$SMOKE_IMAGE" --labels=app=server --overrides="$meshed" -- sh -c 'echo ok >/tmp/index.html; httpd -f -p 8080 -h /tmp' >/dev/null
kubectl -n "$SMOKE_NS" run friend --image="$SMOKE_IMAGE" --overrides="$meshed" -- sleep 600 >/dev/null
kubectl -n "$SMOKE_NS" run stranger --image="$SMOKE_IMAGE" -- sleep 600 >/dev/null
kubectl -n "$SMOKE_NS" expose pod server --port=8080 >/dev/null
must "the pods of this check run" "kubectl -n $SMOKE_NS describe pods: without them nothing is tried" \\
  kubectl -n "$SMOKE_NS" wait --for=condition=Ready pod --all --timeout="$SMOKE_WAIT"
get() { kubectl -n "$SMOKE_NS" exec "$1" -c "$1" -- wget -q -T 5 -O - http://server:8080/; }
has_proxy() { kubectl -n "$SMOKE_NS" get pod server -o jsonpath='{.spec.initContainers[*].name} {.spec.containers[*].name}' | grep -q linkerd-proxy; }
try "pods that ask for it get the proxy" "the injector did not answer: kubectl -n linkerd logs deployment/linkerd-proxy-injector" has_proxy
must "a meshed peer is let in" "linkerd diagnostics policy -n $SMOKE_NS pod/server 8080" get friend
refused "a plain-text peer is refused" "proxy.defaultInboundPolicy is not all-authenticated: look at values.yaml" get stranger
finish
`;

export function linkerd(version: string): ReadonlyMap<string, string> {
  return new Map([
    ['values.yaml', values],
    ['install.sh', install(version)],
    ['.gitignore', '*.key\n'],
    ['smoke.sh', smoke],
  ]);
}
