{{- define "larder.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "larder.fullname" -}}
{{- $name := include "larder.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "larder.selector" -}}
app.kubernetes.io/name: {{ include "larder.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "larder.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "larder.selector" . }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "larder.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "larder.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "larder.provisionerName" -}}
{{- default "larder.dev/directory" .Values.storageClass.provisionerName -}}
{{- end -}}

{{- /* Whether the release makes the class of `storageClass`. Empty: no. */ -}}
{{- define "larder.makesClass" -}}
{{- if and .Values.provisioner.enabled .Values.storageClass.create -}}true{{- end -}}
{{- end -}}

{{- /* off without quotes is false in YAML. */ -}}
{{- define "larder.kubelet" -}}
{{- ternary "off" .Values.kubelet.mode (kindIs "bool" .Values.kubelet.mode) -}}
{{- end -}}

{{- define "larder.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{- printf "%s@%s" .repository .digest -}}
{{- else -}}
{{- printf "%s:%s" .repository (default $.Chart.AppVersion .tag) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "larder.webhookService" -}}
{{- printf "%s-webhook" (include "larder.fullname" .) -}}
{{- end -}}

{{- /* Secret with a certificate that somebody else keeps. Empty: Larder makes its own. */ -}}
{{- define "larder.webhookSecret" -}}
{{- with .Values.webhook -}}
{{- if .certManager.issuer -}}
{{- printf "%s-tls" (include "larder.webhookService" $) -}}
{{- else -}}
{{- .certificateSecret -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "larder.tokenSecret" -}}
{{- default (printf "%s-console" (include "larder.fullname" .)) .Values.console.existingSecret -}}
{{- end -}}

{{- /* Mount options as a JSON list, of an export or of the values of one. */ -}}
{{- define "larder.mountOptions" -}}
{{- if eq (default "" .profile) "ganesha-gluster" -}}
{{- list "vers=4.1" "nosharecache" "softerr" "timeo=30" "retrans=3" | toJson -}}
{{- else -}}
{{- default (list) .mountOptions | toJson -}}
{{- end -}}
{{- end -}}

{{- /*
All NFS exports as a JSON list: volume (of the pod), server, path, mountPath, options, and claim, which is the name of the
PersistentVolumeClaim that brings it, or empty. Neither that claim nor its volume can be changed, so their name holds a
digest of all that is in them: a change makes new ones, and the pod is made anew with them.
*/ -}}
{{- define "larder.exports" -}}
{{- $all := list -}}
{{- with .Values.nfs -}}
{{- if .server -}}
{{- $all = append $all (dict "volume" .volumeName "mountPath" "/persistentvolumes" "from" .) -}}
{{- end -}}
{{- end -}}
{{- range .Values.exports -}}
{{- $all = append $all (dict "volume" (printf "export-%s" .name) "mountPath" (printf "/exports/%s" .name) "from" .) -}}
{{- end -}}
{{- $found := list -}}
{{- range $all -}}
{{- $options := include "larder.mountOptions" .from | fromJsonArray -}}
{{- $path := .from.path | trimSuffix "/" | default "/" -}}
{{- $claim := "" -}}
{{- if or $options .from.claim $.Values.nfs.claim -}}
{{- $digest := list $.Release.Namespace .from.server $path $options $.Values.storageClass.accessModes | toJson | sha256sum | trunc 10 -}}
{{- $claim = printf "%s-%s" (include "larder.fullname" $) $digest -}}
{{- end -}}
{{- $found = append $found (dict "volume" .volume "mountPath" .mountPath "server" .from.server "path" $path "options" $options "claim" $claim) -}}
{{- end -}}
{{- $found | toJson -}}
{{- end -}}
