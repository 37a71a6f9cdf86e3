package dev.kelvin.operator.crd;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;

/** What a cluster is to be. */
@JsonClassDescription(
    "What the cluster is to be. An empty spec is a cluster of three members with volumes of 10Gi; everything can be changed later unless it says otherwise.")
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "!(has(self.version) && has(self.image))",
    message = "set version or image, not both: an image brings its own version")
public record KvClusterSpec(
    @JsonPropertyDescription(
            "How many members the cluster has: 1, 3, 5 or 7. With 3 it bears the loss of one, with 5 of two, with 7 of three. May be changed at any time, also by kubectl scale.")
        @SpecReplicas
        @Default("3")
        @ValidationRule(
            value = "self in [1, 3, 5, 7]",
            message =
                "replicas must be 1, 3, 5 or 7: an even number bears no more failures than one less, and more than 7 only cost")
        Integer replicas,
    @JsonPropertyDescription(
            "Version of Kelvin to run, for example 0.1.0: the tag of the operator's default image. When neither this nor image is set, the operator's own version. Changing it rolls the cluster, one pod at a time, the leader last.")
        @Size(min = 1, max = 64)
        String version,
    @JsonPropertyDescription(
            "Image to run instead of the default one, for example from a registry of your own. Not together with version. Changing it rolls the cluster.")
        @Size(min = 1, max = 512)
        String image,
    @JsonPropertyDescription("Where the data are kept, and what becomes of them.") @Default("{}")
        Storage storage,
    @JsonPropertyDescription(
            "CPU and memory of each node, as in a container's resources (kubectl explain pod.spec.containers.resources). The JVM and the store size themselves by the memory limit.")
        ResourceRequirements resources,
    @JsonPropertyDescription("Settings of the nodes. Changing one rolls the cluster.")
        NodeSettings node,
    @JsonPropertyDescription("What the pods get besides.") PodExtras pod,
    @JsonPropertyDescription("The services that clients use.") Services services,
    @JsonPropertyDescription(
            "Protocols offered to clients besides etcd's gRPC API, which always is.")
        Protocols protocols,
    @JsonPropertyDescription("How the cluster is measured.") Metrics metrics,
    @JsonPropertyDescription(
            "While true the operator changes nothing about this cluster; it only keeps the status up to date. The cluster serves on.")
        @Default("false")
        Boolean paused,
    @JsonPropertyDescription(
            "How the cluster begins. Of no effect once it is founded: a cluster is founded once.")
        Bootstrap bootstrap,
    @JsonPropertyDescription(
            "Only after most members were lost for good: go on with one survivor. Status says when that is needed and which member has the most. What only the lost members held is lost.")
        Recovery recovery) {}
