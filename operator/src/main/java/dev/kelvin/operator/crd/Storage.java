package dev.kelvin.operator.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** Where the data are kept. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "!has(self.size) || !has(oldSelf.size) || quantity(self.size).compareTo(quantity(oldSelf.size)) >= 0",
    message = "storage.size can grow, not shrink: a volume cannot be made smaller")
@ValidationRule(
    value =
        "has(self.storageClassName) == has(oldSelf.storageClassName) && (!has(self.storageClassName) || self.storageClassName == oldSelf.storageClassName)",
    message =
        "storage.storageClassName cannot be changed: create another KvCluster and move the data there")
@ValidationRule(
    value =
        "has(self.ephemeral) == has(oldSelf.ephemeral) && (!has(self.ephemeral) || self.ephemeral == oldSelf.ephemeral)",
    message =
        "storage.ephemeral cannot be changed: create another KvCluster and move the data there")
@ValidationRule(
    value = "!(has(self.ephemeral) && has(self.storageClassName))",
    message = "storage.storageClassName is for volumes; leave it away with storage.ephemeral")
public record Storage(
    @JsonPropertyDescription(
            "Size of each member's volume, or of its ephemeral storage. Can grow where the storage class allows volumes to be expanded; never shrinks.")
        @Default("10Gi")
        @Size(min = 1, max = 32)
        @Pattern("^[0-9]+(\\.[0-9]+)?(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$")
        String size,
    @JsonPropertyDescription(
            "Storage class of the volumes; the cluster's default when left away. Cannot be changed.")
        @Size(min = 1, max = 253)
        String storageClassName,
    @JsonPropertyDescription(
            "Keep the data without a volume: Disk on the node's disk, Memory in memory, which counts against the memory limit. A pod's data end with the pod; the cluster brings it back from the others. When left away, volumes are used. Cannot be changed.")
        Ephemeral ephemeral,
    @JsonPropertyDescription(
            "What becomes of the volume claim of a member that is scaled away: Retain or Delete. A retained one is set aside when a later scale-up meets it.")
        @Default("Retain")
        AfterUse whenScaled,
    @JsonPropertyDescription(
            "What becomes of the volume claims when the KvCluster is deleted: Retain or Delete. Over retained ones a KvCluster of the same name goes on as the same cluster.")
        @Default("Retain")
        AfterUse whenDeleted) {

  /** Storage that ends with the pod. */
  public enum Ephemeral {
    Disk,
    Memory
  }

  /** What becomes of a claim that is not used any more. */
  public enum AfterUse {
    Retain,
    Delete
  }
}
