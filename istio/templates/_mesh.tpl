{{/* Named templates of the mesh objects: addresses, identities, routes. */}}

{{/* A service's full name; use: include "yeyak.host" (list . "reservation") */}}
{{- define "yeyak.host" -}}
{{- $root := index . 0 -}}
{{ index . 1 }}.{{ $root.Release.Namespace }}.svc.{{ $root.Values.mesh.clusterDomain }}
{{- end -}}

{{/* Whom a service's certificate names; use: include "yeyak.principal" (list . namespace serviceaccount) */}}
{{- define "yeyak.principal" -}}
{{ (index . 0).Values.mesh.trustDomain }}/ns/{{ index . 1 }}/sa/{{ index . 2 }}
{{- end -}}

{{/* What a service's pods are selected by, whichever release they come from; use: include "yeyak.workload" "reservation" */}}
{{- define "yeyak.workload" -}}
app.kubernetes.io/name: {{ . }}
{{- end -}}

{{/* Labels of an object that belongs to no single service; use: include "yeyak.shared" (list . "edge") */}}
{{- define "yeyak.shared" -}}
{{ include "yeyak.labels" . }}
{{- with (index . 0).Values.mesh.profile }}
yeyak/mesh-profile: {{ . }}
{{- end }}
{{- end -}}

{{/* The services that others call, each with its callers: a map of lists. A caller that another release installs counts. */}}
{{- define "yeyak.callers" -}}
{{- $callers := dict -}}
{{- range $caller, $service := .Values.services -}}
{{- range (default dict $service).calls -}}
{{- $_ := set $callers . (append (default list (get $callers .)) $caller) -}}
{{- end -}}
{{- end -}}
{{- toYaml $callers -}}
{{- end -}}

{{/* What the mesh may do with a call to one service: read again, repeat what the service knows by its key, or only send
what was never sent.
Use: include "yeyak.routes" (dict "root" . "service" name "port" number "at" matches "policies" map) */}}
{{- define "yeyak.routes" -}}
{{- $kinds := list
  (dict "name" "read" "match" (dict "method" (dict "regex" "GET|HEAD")))
  (dict "name" "keyed" "match" (dict "method" (dict "exact" "POST") "headers" (dict "idempotency-key" (dict "regex" ".+"))))
  (dict "name" "write" "match" (dict)) -}}
{{- $policies := .policies -}}
{{- $destination := dict "host" (include "yeyak.host" (list .root .service)) "port" (dict "number" (int .port)) -}}
{{- $routes := list -}}
{{- range $kind := $kinds -}}
{{- $matches := list -}}
{{- range $.at -}}{{- $matches = append $matches (merge (dict) . $kind.match) -}}{{- end -}}
{{- $policy := get $policies $kind.name -}}
{{- $routes = append $routes (dict "name" (printf "%s-%s" $.service $kind.name) "match" $matches
  "timeout" $policy.timeout "retries" $policy.retries "route" (list (dict "destination" $destination))) -}}
{{- end -}}
{{- toYaml $routes -}}
{{- end -}}
