{{- /* Without a provisioner there are no directories to give to somebody. Empty: as root. */ -}}
{{- define "larder.nonRoot" -}}
{{- if or .Values.nonRoot (not .Values.provisioner.enabled) -}}true{{- end -}}
{{- end -}}

{{- /* What the values say is stronger than what the chart says, key by key. */ -}}
{{- define "larder.podSecurityContext" -}}
{{- $own := dict "seccompProfile" (dict "type" "RuntimeDefault") -}}
{{- if include "larder.nonRoot" . -}}
{{- $_ := set $own "fsGroup" 65532 -}}
{{- end -}}
{{- mergeOverwrite $own (deepCopy .Values.podSecurityContext) | toYaml -}}
{{- end -}}

{{- /*
As root for one reason: directories get the owner and the mode that their class names, whoever has them. A process that
is not root keeps no capability, so it is all three or none.
*/ -}}
{{- define "larder.securityContext" -}}
{{- $own := dict "allowPrivilegeEscalation" false "readOnlyRootFilesystem" true -}}
{{- if include "larder.nonRoot" . -}}
{{- $_ := set $own "runAsNonRoot" true -}}
{{- $_ := set $own "runAsUser" 65532 -}}
{{- $_ := set $own "runAsGroup" 65532 -}}
{{- $_ := set $own "capabilities" (dict "drop" (list "ALL")) -}}
{{- else -}}
{{- $_ := set $own "runAsUser" 0 -}}
{{- $_ := set $own "runAsGroup" 0 -}}
{{- $_ := set $own "capabilities" (dict "drop" (list "ALL") "add" (list "CHOWN" "DAC_OVERRIDE" "FOWNER")) -}}
{{- end -}}
{{- mergeOverwrite $own (deepCopy .Values.securityContext) | toYaml -}}
{{- end -}}
