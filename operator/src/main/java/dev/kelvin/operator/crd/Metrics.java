package dev.kelvin.operator.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.util.Map;

/** How the cluster is measured: every node has /metrics on port 2381. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Metrics(
    @JsonPropertyDescription(
            "Make a ServiceMonitor for the Prometheus operator, where its resource type is installed; true by default.")
        @Default("true")
        Boolean serviceMonitor,
    @JsonPropertyDescription("How often to scrape, for example 30s (the default).")
        @Default("30s")
        @Size(max = 16)
        @Pattern("^[0-9]+(ms|s|m)$")
        String interval,
    @JsonPropertyDescription("Labels for the ServiceMonitor, by which a Prometheus selects it.")
        Map<String, String> labels) {}
