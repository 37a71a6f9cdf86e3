package dev.kelvin.operator.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.List;
import java.util.Map;

/** What the pods get besides; each as the field of the same name in a pod. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PodExtras(
    @JsonPropertyDescription("Annotations for the pods.") Map<String, String> annotations,
    @JsonPropertyDescription("Labels for the pods. The operator's own cannot be replaced.")
        Map<String, String> labels,
    @JsonPropertyDescription(
            "Where pods may run (kubectl explain pod.spec.affinity). When left away, they are kept on different nodes where possible.")
        Affinity affinity,
    @JsonPropertyDescription("Taints that pods bear (kubectl explain pod.spec.tolerations).")
        @Size(max = 32)
        List<Toleration> tolerations,
    @JsonPropertyDescription(
            "How pods spread over zones and nodes (kubectl explain pod.spec.topologySpreadConstraints).")
        @Size(max = 16)
        List<TopologySpreadConstraint> topologySpreadConstraints,
    @JsonPropertyDescription(
            "Service account of the pods. When left away the operator makes one without any rights.")
        @Size(min = 1, max = 253)
        String serviceAccountName,
    @JsonPropertyDescription("Priority class of the pods.") @Size(min = 1, max = 253)
        String priorityClassName,
    @JsonPropertyDescription("Secrets to pull the image with.") @Size(max = 16)
        List<LocalObjectReference> imagePullSecrets,
    @JsonPropertyDescription(
            "Environment variables for the nodes. Those that begin with KELVIN_ are settings; the ones the operator sets itself win.")
        @Size(max = 64)
        List<EnvVar> env,
    @JsonPropertyDescription("Seconds a node is given to hand over and stop; 60 by default.")
        @Min(10)
        @Max(3600)
        Integer terminationGracePeriodSeconds) {}
