{{- /* Values that cannot work together, each with what to do. What one value alone may be is in values.schema.json. */ -}}
{{- define "larder.checks" -}}
{{- include "larder.checks.address" (dict "at" "nfs" "export" .Values.nfs) -}}
{{- range $index, $export := .Values.exports -}}
{{- include "larder.checks.address" (dict "at" (printf "exports[%d]" $index) "export" $export) -}}
{{- end -}}
{{- $exports := include "larder.exports" . | fromJsonArray -}}
{{- if not .Values.provisioner.enabled -}}
{{- include "larder.checkGrowth" . -}}
{{- else if and (not $exports) (not .Values.local.path) -}}
{{- fail "no export is named: set nfs.server and nfs.path (or exports, or local.path); to make no volumes at all and only grow those of other drivers, set provisioner.enabled to false" -}}
{{- end -}}
{{- if and .Values.nfs.server (not .Values.nfs.path) -}}
{{- fail (printf "nfs.path is empty: set the path that %s exports, for example /storage/v" .Values.nfs.server) -}}
{{- end -}}
{{- if and .Values.nfs.path (not .Values.nfs.server) -}}
{{- fail (printf "nfs.server is empty: set the server that exports %s" .Values.nfs.path) -}}
{{- end -}}
{{- $seen := dict -}}
{{- range $exports -}}
{{- $address := printf "%s:%s" .server .path -}}
{{- if hasKey $seen $address -}}
{{- fail (printf "the export %s is named twice: two mounts of one directory would not know each other's volumes" $address) -}}
{{- end -}}
{{- $_ := set $seen $address true -}}
{{- if hasKey $seen .volume -}}
{{- fail (printf "two exports make a volume %s in the pod: give each of exports a name of its own" .volume) -}}
{{- end -}}
{{- $_ := set $seen .volume true -}}
{{- end -}}
{{- range prepend .Values.exports .Values.nfs -}}
{{- if and .profile .mountOptions -}}
{{- fail (printf "the export %s:%s has a profile and mountOptions: keep one of them" .server .path) -}}
{{- end -}}
{{- end -}}
{{- if ne .Values.nfs.reclaimPolicy "Retain" -}}
{{- fail (printf "nfs.reclaimPolicy is %q: this is the volume of the whole export, and nothing but Retain leaves its data alone when the release is uninstalled" .Values.nfs.reclaimPolicy) -}}
{{- end -}}
{{- if and .Values.local.path (not .Values.local.node) -}}
{{- fail (printf "local.node is empty: name the node that has %s; on another one the operator would find other directories" .Values.local.path) -}}
{{- end -}}
{{- if and .Values.local.path (gt (int .Values.replicaCount) 1) -}}
{{- fail (printf "replicaCount is 2 and local.path is %s: the folder is one node's, so there is nowhere for a second pod to take over; run one pod" .Values.local.path) -}}
{{- end -}}
{{- if and (gt (int .Values.replicaCount) 1) (not .Values.leaderElection.enabled) -}}
{{- fail "replicaCount is 2 and leaderElection.enabled is false: both pods would work at once; switch leader election on, or run one pod" -}}
{{- end -}}
{{- if and (eq .Values.strategyType "RollingUpdate") (not .Values.leaderElection.enabled) -}}
{{- fail "strategyType is RollingUpdate and leaderElection.enabled is false: the old pod and the new one would work at once; use Recreate" -}}
{{- end -}}
{{- include "larder.checkWebhook" . -}}
{{- include "larder.checkPersistence" . -}}
{{- include "larder.checkClasses" (dict "root" . "exports" $exports) -}}
{{- end -}}

{{- /* Without a provisioner nobody would serve what these ask for. */ -}}
{{- define "larder.checkGrowth" -}}
{{- $given := list -}}
{{- if or .Values.nfs.server .Values.nfs.path -}}{{- $given = append $given "nfs.server" -}}{{- end -}}
{{- if .Values.exports -}}{{- $given = append $given "exports" -}}{{- end -}}
{{- if .Values.local.path -}}{{- $given = append $given "local.path" -}}{{- end -}}
{{- if .Values.storageClasses -}}{{- $given = append $given "storageClasses" -}}{{- end -}}
{{- if .Values.extraProvisionerNames -}}{{- $given = append $given "extraProvisionerNames" -}}{{- end -}}
{{- if $given -}}
{{- fail (printf "provisioner.enabled is false and %s is set: nobody would make or keep those volumes; leave one of the two out" (first $given)) -}}
{{- end -}}
{{- end -}}

{{- define "larder.checkWebhook" -}}
{{- range $key, $_ := .Values.configuration -}}
{{- if or (eq (lower $key) "enablewebhook") (eq (lower $key) "webhookport") -}}
{{- fail (printf "configuration.%s is set: use webhook.enabled, because the chart has to make what belongs to it; its pods serve on port 9443" $key) -}}
{{- end -}}
{{- end -}}
{{- with .Values.webhook -}}
{{- if and .certificateSecret .certManager.issuer -}}
{{- fail "webhook.certificateSecret and webhook.certManager.issuer are set: keep one of them" -}}
{{- end -}}
{{- if and .certificateSecret (not .caBundle) -}}
{{- fail (printf "webhook.caBundle is empty: give the authority of the certificate in Secret %s (base64 of PEM), or the API server trusts nobody" .certificateSecret) -}}
{{- end -}}
{{- if and .caBundle (not .certificateSecret) -}}
{{- fail "webhook.caBundle is set without webhook.certificateSecret: Larder makes its own authority, and cert-manager writes its own" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "larder.checkPersistence" -}}
{{- with .Values.persistence -}}
{{- if .enabled -}}
{{- if gt (int $.Values.replicaCount) 1 -}}
{{- fail "persistence.enabled is true and replicaCount is 2: two pods cannot write one file of measurements; run one pod, or switch persistence off" -}}
{{- end -}}
{{- if eq $.Values.strategyType "RollingUpdate" -}}
{{- fail "persistence.enabled is true and strategyType is RollingUpdate: the new pod would wait for the claim of the old one; use Recreate" -}}
{{- end -}}
{{- if not .existingClaim -}}
{{- $own := list -}}
{{- if include "larder.makesClass" $ -}}{{- $own = append $own $.Values.storageClass.name -}}{{- end -}}
{{- range $.Values.storageClasses -}}{{- $own = append $own .name -}}{{- end -}}
{{- if has .storageClass $own -}}
{{- fail (printf "persistence.storageClass is %q, which is a class of Larder's own: it would wait for itself; name another class" .storageClass) -}}
{{- end -}}
{{- if and (not .storageClass) (include "larder.makesClass" $) $.Values.storageClass.defaultClass -}}
{{- fail "persistence.storageClass is empty and storageClass.defaultClass is true: the claim would go to Larder itself; name another class" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "larder.checkClasses" -}}
{{- $addresses := list "nfs" "local" -}}
{{- range .exports -}}{{- $addresses = append $addresses (printf "%s:%s" .server .path) -}}{{- end -}}
{{- with .root.Values.local.path -}}{{- $addresses = append $addresses (printf "local:%s" .) -}}{{- end -}}
{{- $classes := .root.Values.storageClasses -}}
{{- if .root.Values.storageClass.create -}}{{- $classes = prepend $classes .root.Values.storageClass -}}{{- end -}}
{{- $names := list -}}
{{- range $classes -}}
{{- if has .name $names -}}
{{- fail (printf "the class %s is there twice: give each of storageClasses a name of its own" .name) -}}
{{- end -}}
{{- $names = append $names .name -}}
{{- if and .export (not (has .export $addresses)) -}}
{{- fail (printf "the class %s is on the export %s, which is not one of %s" .name .export (join ", " $addresses)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* An address in words, where the schema could only show a pattern. */ -}}
{{- define "larder.checks.address" -}}
{{- $server := default "" .export.server -}}
{{- $path := default "" .export.path -}}
{{- if not (regexMatch "^[^:/=\\s]*$" $server) -}}
{{- fail (printf "%s.server is %q: give the name or the IPv4 address of the server alone, for example nas; what it exports goes into %s.path" .at $server .at) -}}
{{- end -}}
{{- if not (regexMatch "^(/[^=\\s]*)?$" $path) -}}
{{- fail (printf "%s.path is %q: give the whole path that the server exports, from its first slash on and without blanks or =, for example /storage/v" .at $path) -}}
{{- end -}}
{{- end -}}
