{{/* Parts of pods: image, environment, security. */}}

{{/* The image of a service, or of the release where it is empty; use: include "yeyak.image" (list . $service.image) */}}
{{- define "yeyak.image" -}}
{{- $root := index . 0 -}}
{{- $image := mergeOverwrite (deepCopy $root.Values.image) (default dict (index . 1)) -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ default $root.Chart.AppVersion $image.tag }}
{{- end -}}
{{- end -}}

{{/* A setting as text: 1000000 stays 1000000, which YAML would write as 1e+06. */}}
{{- define "yeyak.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) -}}{{ int64 . }}{{- else -}}{{ . }}{{- end -}}
{{- end -}}

{{/* What every role of the program is told that speaks with the broker. */}}
{{- define "yeyak.brokerSettings" -}}
{{- $broker := .Values.broker -}}
{{- if $broker.url }}
NATS_URL: {{ $broker.url | quote }}
{{- else if not $broker.secret.name }}
NATS_URL: nats://nats:4222
{{- end }}
NATS_REPLICAS: {{ include "yeyak.text" $broker.replicas | quote }}
{{- with include "yeyak.eventsBytesMax" . }}
EVENTS_BYTES_MAX: {{ . | quote }}
{{- end }}
RUST_LOG: {{ .Values.telemetry.logLevel | quote }}
LOG_FORMAT: {{ .Values.telemetry.logFormat }}
{{- end -}}

{{/* Bytes that the stream may hold, where it is said: the demonstration's broker has less room than the program assumes. */}}
{{- define "yeyak.eventsBytesMax" -}}
{{- if .Values.broker.eventsBytesMax -}}
{{ include "yeyak.text" .Values.broker.eventsBytesMax }}
{{- else if .Values.nats.enabled -}}
{{ include "nats.eventsBytesMax" .Values.nats }}
{{- end -}}
{{- end -}}

{{/* A service's plain settings; its own `env` wins. Use: include "yeyak.settings" (list . "reservation" $service) */}}
{{- define "yeyak.settings" -}}
{{- $root := index . 0 -}}{{- $service := index . 2 -}}
{{- $settings := include "yeyak.brokerSettings" $root | fromYaml -}}
{{- $ports := $root.Values.ports -}}
{{- $_ := set $settings "BIND" "0.0.0.0" -}}
{{- $_ := set $settings "PORT" (int $ports.http) -}}
{{- $_ := set $settings "ADMIN_PORT" (int $ports.admin) -}}
{{- $_ := set $settings "INTERNAL_PORT" (int $ports.internal) -}}
{{- $_ := set $settings "MIGRATE" "false" -}}
{{/* It is alive while it waits; a restart would only wait longer, by the back-off of its crashes. */}}
{{- $_ := set $settings "START_SECONDS_MAX" 600 -}}
{{- range $service.calls -}}
{{- $name := printf "%s_URL" (upper . | replace "-" "_") -}}
{{- $_ := set $settings $name (printf "http://%s:%d" . (int $ports.internal)) -}}
{{- end -}}
{{- with $root.Values.auth -}}
{{- if .issuer -}}
{{- $_ := set $settings "AUTH_ISSUER" .issuer -}}
{{- $_ := set $settings "AUTH_AUDIENCE" .audience -}}
{{- if $service.calls -}}{{- $_ := set $settings "AUTH_CLIENT_ID" .client.id -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- with $root.Values.telemetry -}}
{{- if .otlpEndpoint -}}
{{- $_ := set $settings "OTEL_EXPORTER_OTLP_ENDPOINT" .otlpEndpoint -}}
{{- $_ := set $settings "OTEL_TRACES_SAMPLER_ARG" .sampleRatio -}}
{{- end -}}
{{- end -}}
{{- range $name, $value := $service.env -}}{{- $_ := set $settings $name $value -}}{{- end -}}
{{- range $name, $value := $settings }}
{{ $name }}: {{ include "yeyak.text" $value | quote }}
{{- end }}
{{- end -}}

{{/* The broker's URL where a Secret holds it, as an entry of `env`. */}}
{{- define "yeyak.brokerSecret" -}}
{{- with .Values.broker }}
{{- if and .secret.name (not .url) }}
- name: NATS_URL
  valueFrom:
    secretKeyRef:
      name: {{ .secret.name }}
      key: {{ .secret.key }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A service's settings from Secrets, as entries of `env`; use: include "yeyak.secrets" (list . "reservation" $service) */}}
{{- define "yeyak.secrets" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}{{- $service := index . 2 -}}
{{- include "yeyak.brokerSecret" $root }}
{{- $secrets := dict "DATABASE_URL" (dict "name" (include "yeyak.databases" $root) "key" $name) -}}
{{- $auth := $root.Values.auth -}}
{{- if and $auth.issuer $service.calls -}}{{- $_ := set $secrets "AUTH_CLIENT_SECRET" $auth.client.secret -}}{{- end -}}
{{- range $setting, $reference := $service.secrets -}}{{- $_ := set $secrets $setting $reference -}}{{- end -}}
{{- range $setting, $reference := $secrets }}
- name: {{ $setting }}
  valueFrom:
    secretKeyRef:
      name: {{ $reference.name }}
      key: {{ $reference.key }}
{{- end }}
{{- end -}}

{{/* The Secret with the services' database URLs. */}}
{{- define "yeyak.databases" -}}
{{- default (ternary (printf "%s-demo-databases" .Release.Name) "" .Values.postgres.enabled) .Values.databases.secret -}}
{{- end -}}

{{/* What the restricted pod security standard asks of a pod and, below it, of a container. */}}
{{- define "yeyak.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}
{{- define "yeyak.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* How many replicas run at least; use: include "yeyak.replicasMin" $service | int */}}
{{- define "yeyak.replicasMin" -}}
{{- if eq .autoscaling.by "none" -}}{{ int .replicas }}{{- else -}}{{ int .autoscaling.min }}{{- end -}}
{{- end -}}
{{- define "yeyak.replicasMax" -}}
{{- if eq .autoscaling.by "none" -}}{{ int .replicas }}{{- else -}}{{ int .autoscaling.max }}{{- end -}}
{{- end -}}

{{/* Probes; alive is who answers at all, also while it waits for its database. */}}
{{- define "yeyak.probes" -}}
startupProbe:
  httpGet:
    path: /livez
    port: admin
  periodSeconds: 1
  failureThreshold: 60
livenessProbe:
  httpGet:
    path: /livez
    port: admin
  periodSeconds: 10
  timeoutSeconds: 3
  failureThreshold: 3
readinessProbe:
  httpGet:
    path: /readyz
    port: admin
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 2
{{- end -}}

{{/* What a service's containers have in common; use: include "yeyak.container" (list . "reservation" $service) */}}
{{- define "yeyak.container" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}{{- $service := index . 2 -}}
image: {{ include "yeyak.image" (list $root $service.image) }}
imagePullPolicy: {{ default $root.Values.image.pullPolicy ($service.image).pullPolicy }}
securityContext:
  {{- include "yeyak.security" $root | nindent 2 }}
resources:
  {{- toYaml $service.resources | nindent 2 }}
envFrom:
  - configMapRef:
      name: {{ $name }}
env:
  {{- include "yeyak.secrets" . | trim | nindent 2 }}
{{- end -}}
