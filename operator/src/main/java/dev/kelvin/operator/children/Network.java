package dev.kelvin.operator.children;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPortBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who reaches the pods, and how; and what may not be taken from them. */
final class Network {
  private Network() {}

  /** Without any rights: nodes ask nothing of the API server. */
  static ServiceAccount serviceAccount(Names names, ObjectMeta meta) {
    return new ServiceAccountBuilder()
        .withMetadata(meta)
        .withAutomountServiceAccountToken(false)
        .build();
  }

  /**
   * Names for pods from the start: they must find each other before any is ready. And all of them,
   * ready or not, for whoever scrapes their metrics.
   */
  static Service peerService(Names names, ObjectMeta meta) {
    return new ServiceBuilder()
        .withMetadata(new ObjectMetaBuilder(meta).addToLabels(Names.COMPONENT, Names.PEERS).build())
        .withNewSpec()
        .withClusterIP("None")
        .withPublishNotReadyAddresses(true)
        .withSelector(names.selector())
        .withPorts(
            port("client", Names.CLIENT_PORT),
            port("peer", Names.PEER_PORT),
            port("http", Names.HTTP_PORT))
        .endSpec()
        .build();
  }

  static Service clientService(Names names, Effective effective, ObjectMeta meta) {
    var service = effective.clientService();
    return new ServiceBuilder()
        .withMetadata(annotated(meta, service.annotations()))
        .withNewSpec()
        .withType(service.type().name())
        .withSelector(names.selector())
        .withPorts(clientPorts(effective))
        .endSpec()
        .build();
  }

  static Service leaderService(Names names, Effective effective, ObjectMeta meta) {
    var service = effective.leaderService();
    Map<String, String> selector = new HashMap<>(names.selector());
    selector.put(Names.ROLE, Names.LEADER);
    return new ServiceBuilder()
        .withMetadata(annotated(meta, service.annotations()))
        .withNewSpec()
        .withType(service.type().name())
        .withSelector(selector)
        .withPorts(clientPorts(effective))
        .endSpec()
        .build();
  }

  private static List<ServicePort> clientPorts(Effective effective) {
    List<ServicePort> ports = new ArrayList<>();
    ports.add(port("client", Names.CLIENT_PORT));
    if (effective.protocols().http()) {
      ports.add(port("http", Names.HTTP_PORT));
    }
    Door.open(effective).forEach(d -> ports.add(port(d.portName, d.port)));
    return ports;
  }

  private static ServicePort port(String name, int number) {
    return new ServicePortBuilder()
        .withName(name)
        .withPort(number)
        .withTargetPort(new IntOrString(name))
        .withProtocol("TCP")
        .build();
  }

  private static ObjectMeta annotated(ObjectMeta meta, Map<String, String> annotations) {
    return new ObjectMetaBuilder(meta).addToAnnotations(annotations).build();
  }

  /** The peer port is for members and the operator; the others for whoever may reach the pods. */
  static NetworkPolicy policy(Names names, Effective effective, ObjectMeta meta) {
    List<NetworkPolicyPort> open = new ArrayList<>();
    open.add(policyPort("client"));
    open.add(policyPort("http"));
    Door.open(effective).forEach(d -> open.add(policyPort(d.portName)));
    return new NetworkPolicyBuilder()
        .withMetadata(meta)
        .withNewSpec()
        .withPodSelector(new LabelSelectorBuilder().withMatchLabels(names.selector()).build())
        .withPolicyTypes("Ingress")
        .addNewIngress()
        .withPorts(open)
        .endIngress()
        .addNewIngress()
        .withPorts(policyPort("peer"))
        .addNewFrom()
        .withPodSelector(new LabelSelectorBuilder().withMatchLabels(names.selector()).build())
        .endFrom()
        .addNewFrom()
        .withNamespaceSelector(new LabelSelectorBuilder().build())
        .withPodSelector(
            new LabelSelectorBuilder()
                .addToMatchLabels("app.kubernetes.io/name", "kelvin-operator")
                .build())
        .endFrom()
        .endIngress()
        .endSpec()
        .build();
  }

  private static NetworkPolicyPort policyPort(String name) {
    return new NetworkPolicyPortBuilder()
        .withProtocol("TCP")
        .withPort(new IntOrString(name))
        .build();
  }

  /** A pod that is not ready may go: it is none of the quorum. */
  static PodDisruptionBudget budget(Names names, int minAvailable, ObjectMeta meta) {
    return new PodDisruptionBudgetBuilder()
        .withMetadata(meta)
        .withNewSpec()
        .withMinAvailable(new IntOrString(minAvailable))
        .withSelector(new LabelSelectorBuilder().withMatchLabels(names.selector()).build())
        .withUnhealthyPodEvictionPolicy("IfHealthyBudget")
        .endSpec()
        .build();
  }

  /**
   * For the Prometheus operator; not of Kubernetes' own types. Of the services only the headless
   * one has every pod, has each once, and has the port whatever the clients' services offer.
   */
  static GenericKubernetesResource serviceMonitor(
      Names names, Effective effective, ObjectMeta meta) {
    Map<String, String> scraped = new HashMap<>(names.selector());
    scraped.put(Names.COMPONENT, Names.PEERS);
    return new GenericKubernetesResourceBuilder()
        .withApiVersion("monitoring.coreos.com/v1")
        .withKind("ServiceMonitor")
        .withMetadata(new ObjectMetaBuilder(meta).addToLabels(effective.metrics().labels()).build())
        .addToAdditionalProperties(
            "spec",
            Map.of(
                "selector",
                Map.of("matchLabels", scraped),
                "endpoints",
                List.of(
                    Map.of(
                        "port",
                        "http",
                        "path",
                        "/metrics",
                        "interval",
                        effective.metrics().interval()))))
        .build();
  }
}
