package dev.kelvin.operator.crd;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** A cluster that the operator founds, watches over, scales, upgrades and repairs. */
@JsonClassDescription(
    "A replicated key-value store that speaks etcd's API: the operator founds, watches over, scales, upgrades and repairs it.")
@Group("kelvin.dev")
@Version("v1alpha1")
@Kind("KvCluster")
@Plural("kvclusters")
@ShortNames("kv")
@AdditionalPrinterColumn(
    name = "Ready",
    jsonPath = ".status.readyReplicas",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
    name = "Desired",
    jsonPath = ".spec.replicas",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
    name = "Available",
    jsonPath = ".status.conditions[?(@.type==\"Available\")].status")
@AdditionalPrinterColumn(
    name = "Degraded",
    jsonPath = ".status.conditions[?(@.type==\"Degraded\")].status")
@AdditionalPrinterColumn(name = "Leader", jsonPath = ".status.leader")
@AdditionalPrinterColumn(name = "Version", jsonPath = ".status.version")
@AdditionalPrinterColumn(name = "Operation", jsonPath = ".status.operation.kind")
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(name = "Cluster-ID", jsonPath = ".status.clusterId", priority = 1)
@AdditionalPrinterColumn(
    name = "Message",
    jsonPath = ".status.conditions[?(@.type==\"Progressing\")].message",
    priority = 1)
@ValidationRule(
    value =
        "!has(self.spec) || !has(self.spec.recovery) || self.spec.recovery.survivor.startsWith(self.metadata.name + '-')",
    message = "recovery.survivor must be a pod of this cluster: its name, a dash and a number")
public class KvCluster extends CustomResource<KvClusterSpec, KvClusterStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1;

  @Override
  protected KvClusterSpec initSpec() {
    return null;
  }

  @Override
  protected KvClusterStatus initStatus() {
    return null;
  }
}
