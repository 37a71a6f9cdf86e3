package dev.kelvin.operator.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;

/** What the services offer besides etcd's gRPC API. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Protocols(
    @JsonPropertyDescription(
            "HTTP on port 2381: REST and JSON gateway, health and metrics; true by default. The port is open inside the pod network for probes and metrics in any case.")
        @Default("true")
        Boolean http) {}
