{{- define "kelvin-operator.name" -}}
{{- if contains "kelvin-operator" .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-kelvin-operator" (.Release.Name | trunc 36 | trimSuffix "-") }}{{ end }}
{{- end }}

{{- define "kelvin-operator.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "kelvin-operator.name" .) }}{{ else }}{{ required "serviceAccount.name is needed where serviceAccount.create is false" .Values.serviceAccount.name }}{{ end }}
{{- end }}

{{- /* The name label is what the network policies of clusters let in to the peer port. */}}
{{- define "kelvin-operator.selector" -}}
app.kubernetes.io/name: kelvin-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "kelvin-operator.labels" -}}
{{ include "kelvin-operator.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- /* What is done in each namespace that is watched. */}}
{{- define "kelvin-operator.rules" -}}
- apiGroups: [kelvin.dev]
  resources: [kvclusters]
  verbs: [get, list, watch]
- apiGroups: [kelvin.dev]
  resources: [kvclusters/status]
  verbs: [update]
# Asked for where owner references that block deletion are checked (OpenShift).
- apiGroups: [kelvin.dev]
  resources: [kvclusters/finalizers]
  verbs: [update]
- apiGroups: [apps]
  resources: [statefulsets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [pods, persistentvolumeclaims]
  verbs: [get, list, watch, patch, delete]
- apiGroups: [""]
  resources: [services]
  verbs: [get, create, patch, delete]
- apiGroups: [""]
  resources: [serviceaccounts]
  verbs: [create, patch]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [create, patch]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, create, patch, delete]
- apiGroups: [monitoring.coreos.com]
  resources: [servicemonitors]
  verbs: [get, create, patch, delete]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
{{- end }}
