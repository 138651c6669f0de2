# How the API server comes to ask Larder about new claims and about policies; the same objects as in the chart.

locals {
  webhook_port = 9443
  # There is one webhook in a cluster. The operator knows the Secret, and both configurations, by these names.
  webhook_name   = "larder-webhook"
  webhook_config = "larder"
  webhook_count  = var.webhook_enabled ? 1 : 0
  untouched      = distinct(concat(["kube-node-lease", "kube-public", "kube-system", var.namespace], var.webhook_excluded_namespaces))
}

resource "kubernetes_service" "webhook" {
  count = local.webhook_count

  metadata {
    name      = local.webhook_name
    namespace = local.namespace
    labels    = local.labels
  }

  spec {
    type     = "ClusterIP"
    selector = local.labels

    port {
      name        = "webhook"
      port        = 443
      target_port = "webhook"
    }
  }
}

# Empty: the operator keeps its authorities in it, and may make no Secret itself.
resource "kubernetes_secret" "webhook" {
  count = local.webhook_count

  metadata {
    name      = local.webhook_name
    namespace = local.namespace
    labels    = local.labels
  }

  type = "Opaque"

  lifecycle {
    ignore_changes = [data, metadata[0].annotations]
  }
}

resource "kubernetes_mutating_webhook_configuration" "this" {
  count = local.webhook_count

  metadata {
    name   = local.webhook_config
    labels = local.labels
  }

  # Without matchConditions, which the provider does not know: of a claim that opts out, Larder says itself that it stays
  # as it is.
  webhook {
    name                      = "claims.webhook.larder.dev"
    failure_policy            = "Ignore" # storage works without it: what it missed is corrected afterwards
    timeout_seconds           = 3
    side_effects              = "None"
    admission_review_versions = ["v1"]
    reinvocation_policy       = "IfNeeded"

    client_config {
      service {
        namespace = local.namespace
        name      = kubernetes_service.webhook[0].metadata[0].name
        path      = "/mutate/claims"
      }
    }

    rule {
      api_groups   = [""]
      api_versions = ["v1"]
      operations   = ["CREATE"]
      resources    = ["persistentvolumeclaims"]
      scope        = "Namespaced"
    }

    namespace_selector {
      match_expressions {
        key      = "kubernetes.io/metadata.name"
        operator = "NotIn"
        values   = local.untouched
      }
    }
  }

  # The operator writes its authority there.
  lifecycle {
    ignore_changes = [webhook[0].client_config[0].ca_bundle]
  }
}

resource "kubernetes_validating_webhook_configuration" "this" {
  count = local.webhook_count

  metadata {
    name   = local.webhook_config
    labels = local.labels
  }

  webhook {
    name                      = "settings.webhook.larder.dev"
    failure_policy            = "Ignore"
    timeout_seconds           = 3
    side_effects              = "None"
    admission_review_versions = ["v1"]

    client_config {
      service {
        namespace = local.namespace
        name      = kubernetes_service.webhook[0].metadata[0].name
        path      = "/validate/settings"
      }
    }

    rule {
      api_groups   = ["pvc-chonker.io"]
      api_versions = ["*"]
      operations   = ["CREATE", "UPDATE"]
      resources    = ["pvcpolicies", "pvcgroups"]
      scope        = "Namespaced"
    }
  }

  lifecycle {
    ignore_changes = [webhook[0].client_config[0].ca_bundle]
  }
}

resource "kubernetes_cluster_role" "webhook" {
  count = local.webhook_count

  metadata {
    name   = local.webhook_name
    labels = local.labels
  }

  dynamic "rule" {
    for_each = local.larder_webhook_rules
    content {
      api_groups     = rule.value.api_groups
      resources      = rule.value.resources
      resource_names = rule.value.resource_names
      verbs          = rule.value.verbs
    }
  }
}

resource "kubernetes_cluster_role_binding" "webhook" {
  count = local.webhook_count

  metadata {
    name   = local.webhook_name
    labels = local.labels
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = kubernetes_cluster_role.webhook[0].metadata[0].name
  }

  subject {
    kind      = "ServiceAccount"
    name      = kubernetes_service_account.this.metadata[0].name
    namespace = local.namespace
  }
}

resource "kubernetes_role" "webhook" {
  count = local.webhook_count

  metadata {
    name      = local.webhook_name
    namespace = local.namespace
    labels    = local.labels
  }

  dynamic "rule" {
    for_each = local.larder_webhook_secret_rules
    content {
      api_groups     = rule.value.api_groups
      resources      = rule.value.resources
      resource_names = rule.value.resource_names
      verbs          = rule.value.verbs
    }
  }
}

resource "kubernetes_role_binding" "webhook" {
  count = local.webhook_count

  metadata {
    name      = local.webhook_name
    namespace = local.namespace
    labels    = local.labels
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = kubernetes_role.webhook[0].metadata[0].name
  }

  subject {
    kind      = "ServiceAccount"
    name      = kubernetes_service_account.this.metadata[0].name
    namespace = local.namespace
  }
}
