{{/* Named templates that both charts use: which services there are, and how they are labelled. */}}

{{/*
The enabled services by name, each with the defaults beneath it. Unlike `mergeOverwrite`, what is false, 0 or empty
overrides too.
Use: include "yeyak.services" . | fromYaml
*/}}
{{- define "yeyak.services" -}}
{{- $services := dict -}}
{{- range $name, $own := .Values.services -}}
{{- $service := include "yeyak.over" (list $.Values.defaults (default dict $own)) | fromYaml -}}
{{- if $service.enabled -}}{{- $_ := set $services $name $service -}}{{- end -}}
{{- end -}}
{{- toYaml $services -}}
{{- end -}}

{{/* A map over another one, key by key. */}}
{{- define "yeyak.over" -}}
{{- $under := index . 0 -}}{{- $over := index . 1 -}}
{{- $both := deepCopy $under -}}
{{- range $key, $value := $over -}}
{{- if and (kindIs "map" $value) (kindIs "map" (get $both $key)) -}}
{{- $value = include "yeyak.over" (list (get $both $key) $value) | fromYaml -}}
{{- end -}}
{{- $_ := set $both $key $value -}}
{{- end -}}
{{- toYaml $both -}}
{{- end -}}

{{/* Labels of an object of the service; use: include "yeyak.labels" (list . "reservation") */}}
{{- define "yeyak.labels" -}}
{{- $root := index . 0 -}}
{{ include "yeyak.selector" . }}
app.kubernetes.io/part-of: yeyak
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- end -}}

{{/* Labels of a pod; they hold nothing that a new version of the chart changes, so that it starts no pod anew. */}}
{{- define "yeyak.podLabels" -}}
{{ include "yeyak.selector" . }}
app.kubernetes.io/part-of: yeyak
{{- end -}}

{{/* What a service's pods are selected by. */}}
{{- define "yeyak.selector" -}}
app.kubernetes.io/name: {{ index . 1 }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
{{- end -}}

{{/* The service account that a service runs as; use: include "yeyak.account" (list . "reservation") */}}
{{- define "yeyak.account" -}}
{{- $root := index . 0 -}}
{{- $service := default dict (get $root.Values.services (index . 1)) -}}
{{- $own := include "yeyak.over" (list $root.Values.defaults $service) | fromYaml -}}
{{ default (index . 1) $own.serviceAccount.name }}
{{- end -}}

{{/* The service account of the pods that `helm test` starts; both charts must know it, whatever their releases are called. */}}
{{- define "yeyak.rehearser" -}}
yeyak-rehearsal
{{- end -}}
