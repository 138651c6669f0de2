import type { CorePlan } from './plan.ts';
import { HEAD } from './shell.ts';

function storageClass({ policy: { storage } }: CorePlan): string {
  return `# A claim with the annotation ${storage.annotation}: web_data gets the directory ${storage.prefix}web_data.
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: ${storage.class}
provisioner: larder.dev/directory
# directories stay where they are when their claim goes
reclaimPolicy: Retain
volumeBindingMode: Immediate
allowVolumeExpansion: true
parameters:
  pathPattern: "${storage.prefix}\${.PVC.annotations.${storage.annotation}}"
  # A directory that holds data already is taken only by claims of namespaces with the annotation
  # larder.dev/adopt: "true". Set it when you move the data of jobs, and take it off afterwards.
  adopt: listed
  # such a directory keeps its mode and owner: what was closed to others stays closed
  existingMode: keep
  adoptable: "${storage.prefix}*"
`;
}

function values({ nfs }: CorePlan): string {
  return `# Of Larder's own chart, deploy/helm/larder.
nfs:
  server: ${nfs.server}
  path: ${nfs.path}
storageClass:
  # storage-class.yaml has it
  create: false
`;
}

const install = `${HEAD}
# LARDER_CHART: the folder of Larder's chart. IMAGE: where you pushed its image (npm run image makes it).
: "\${LARDER_CHART:?the folder deploy/helm/larder of a checkout of Larder}" "\${IMAGE:?the repository of the image, such as registry.example.com/larder}"
kubectl apply --server-side -f storage-class.yaml
helm upgrade --install larder "$LARDER_CHART" --namespace larder-system --create-namespace \\
  --values values.yaml --set image.repository="$IMAGE" --wait --timeout 5m
`;

function smoke({ policy: { storage } }: CorePlan): string {
  return `${HEAD}. ../smoke-library.sh

try "the operator runs" "kubectl -n larder-system describe pods" \\
  kubectl -n larder-system wait --for=condition=Available deployment --all --timeout=120s
smoke_namespace larder-smoke-storage
kubectl -n "$SMOKE_NS" apply -f - >/dev/null <<'CLAIM'
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: smoke
  annotations: { ${storage.annotation}: larder-smoke }
spec:
  storageClassName: ${storage.class}
  accessModes: [ReadWriteOnce]
  resources: { requests: { storage: 1Mi } }
CLAIM
must "a claim is bound" "kubectl -n $SMOKE_NS describe persistentvolumeclaim smoke says why not" \\
  kubectl -n "$SMOKE_NS" wait --for=jsonpath='{.status.phase}'=Bound persistentvolumeclaim/smoke --timeout=60s
volume="$(kubectl -n "$SMOKE_NS" get persistentvolumeclaim smoke -o jsonpath='{.spec.volumeName}')"
path="$(kubectl get persistentvolume "$volume" -o jsonpath='{.spec.nfs.path}')"
case "$path" in
  */${storage.prefix}larder-smoke) pass "its directory is called ${storage.prefix}larder-smoke" ;;
  *) fail "its directory is called ${storage.prefix}larder-smoke" "it is $path: look at pathPattern of the class" ;;
esac
note "the empty directory $path and its released volume $volume stay, as everything of this class does"
finish
`;
}

export function storage(plan: CorePlan): ReadonlyMap<string, string> {
  return new Map([
    ['storage-class.yaml', storageClass(plan)],
    ['values.yaml', values(plan)],
    ['install.sh', install],
    ['smoke.sh', smoke(plan)],
  ]);
}
