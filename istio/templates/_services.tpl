{{/* Named templates that both charts use: which services there are, and how they are labelled. */}}

{{/*
The enabled services by name, each with the defaults beneath it. Unlike `mergeOverwrite`, what is false, 0 or empty
overrides too.
Use: include "yeyak.services" . | fromJson
*/}}
{{- define "yeyak.services" -}}
{{- $services := dict -}}
{{- range $name, $own := .Values.services -}}
{{- $service := deepCopy $.Values.defaults -}}
{{- include "yeyak.lay" (list $service (default dict $own)) -}}
{{- if $service.enabled -}}{{- $_ := set $services $name $service -}}{{- end -}}
{{- end -}}
{{- toJson $services -}}
{{- end -}}

{{/* Lays a map over another one, key by key, in place; it writes nothing. */}}
{{- define "yeyak.lay" -}}
{{- $under := index . 0 -}}
{{- range $key, $value := index . 1 -}}
{{- if and (kindIs "map" $value) (kindIs "map" (get $under $key)) -}}
{{- include "yeyak.lay" (list (get $under $key) $value) -}}
{{- else -}}
{{- $_ := set $under $key $value -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A map over another one, as YAML. */}}
{{- define "yeyak.over" -}}
{{- $both := deepCopy (index . 0) -}}
{{- include "yeyak.lay" (list $both (index . 1)) -}}
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
app.kubernetes.io/instance: {{ (index . 0).Release.Name | quote }}
{{- end -}}

{{/* The service account that a service runs as; use: include "yeyak.account" (list . "reservation") */}}
{{- define "yeyak.account" -}}
{{- $root := index . 0 -}}
{{- $account := deepCopy $root.Values.defaults.serviceAccount -}}
{{- include "yeyak.lay" (list $account (default dict (default dict (get $root.Values.services (index . 1))).serviceAccount)) -}}
{{ default (index . 1) $account.name }}
{{- end -}}

{{/* The service account of the pods that `helm test` starts; both charts must know it, whatever their releases are called. */}}
{{- define "yeyak.rehearser" -}}
yeyak-rehearsal
{{- end -}}
