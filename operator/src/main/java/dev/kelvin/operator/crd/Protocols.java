package dev.kelvin.operator.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;

/** What clients are offered besides etcd's gRPC API. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Protocols(
    @JsonPropertyDescription(
            "HTTP on port 2381: REST and JSON gateway, health and metrics; true by default. The port is open inside the pod network for probes and metrics in any case.")
        @Default("true")
        Boolean http,
    @JsonPropertyDescription(
            "The binary cache protocol on port 2391; false by default. Nobody has to log in there: whoever reaches the pods can read and write. Changing it rolls the cluster. Nodes of a version without it do not start.")
        @Default("false")
        Boolean cache,
    @JsonPropertyDescription(
            "JSON lines over TCP on port 2392; false by default. Nobody has to log in there: whoever reaches the pods can read and write. Changing it rolls the cluster. Nodes of a version without it do not start.")
        @Default("false")
        Boolean json) {}
