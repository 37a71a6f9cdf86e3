package dev.kelvin.operator.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import java.util.Map;

/** The services that clients use. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Services(
    @JsonPropertyDescription(
            "The service NAME-client: every member that is ready, for all clients.")
        Client client,
    @JsonPropertyDescription("The service NAME-leader: always the member that leads.")
        Leader leader) {

  /** How a service is reached. */
  public enum Type {
    ClusterIP,
    NodePort,
    LoadBalancer
  }

  /** For all clients. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Client(
      @JsonPropertyDescription("ClusterIP, NodePort or LoadBalancer.") @Default("ClusterIP")
          Type type,
      @JsonPropertyDescription("Annotations for the service, for example for a load balancer.")
          Map<String, String> annotations) {}

  /** For those who must have the leader. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Leader(
      @JsonPropertyDescription("Whether there is such a service; true by default.") @Default("true")
          Boolean enabled,
      @JsonPropertyDescription("ClusterIP, NodePort or LoadBalancer.") @Default("ClusterIP")
          Type type,
      @JsonPropertyDescription("Annotations for the service.") Map<String, String> annotations) {}
}
