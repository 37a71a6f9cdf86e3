package dev.kelvin.operator.children;

import java.util.Map;

/**
 * What the objects of one cluster are called. Claims are {@code data-NAME-0}, pods {@code NAME-0}:
 * who keeps volumes over the deletion of a KvCluster finds them again by that.
 */
public record Names(String cluster, String namespace) {
  /** On the StatefulSet: digest of what the children were built from. */
  public static final String CHILDREN = "kelvin.dev/children";

  /** On the StatefulSet and each claim: cluster ID and incarnation of the founding. */
  public static final String FOUNDING = "kelvin.dev/founding";

  /** On the StatefulSet: the recovery that was asked for last. */
  public static final String RECOVERY = "kelvin.dev/recovery";

  /** On the leader's pod: {@link #LEADER}. */
  public static final String ROLE = "kelvin.dev/role";

  public static final String LEADER = "leader";

  /** On the headless service, by which the ServiceMonitor finds it: each pod once, ready or not. */
  static final String COMPONENT = "app.kubernetes.io/component";

  static final String PEERS = "peers";

  /** Name of the volume, which claims' names begin with. */
  public static final String VOLUME = "data";

  /** Name of the volume with a snapshot. */
  public static final String SNAPSHOT = "snapshot";

  /** Where a pod has it. */
  public static final String SNAPSHOT_PATH = "/var/lib/kelvin-snapshot";

  public static final int CLIENT_PORT = 2379;
  public static final int PEER_PORT = 2380;
  public static final int HTTP_PORT = 2381;
  static final int CACHE_PORT = 2391;
  static final int JSON_PORT = 2392;

  /** Labels that select this cluster's pods. */
  public Map<String, String> selector() {
    return Map.of("app.kubernetes.io/name", "kelvin", "app.kubernetes.io/instance", cluster);
  }

  /** Labels of every child. */
  public Map<String, String> labels() {
    return Map.of(
        "app.kubernetes.io/name", "kelvin",
        "app.kubernetes.io/instance", cluster,
        "app.kubernetes.io/managed-by", "kelvin-operator");
  }

  public String statefulSet() {
    return cluster;
  }

  public String serviceAccount() {
    return cluster;
  }

  public String budget() {
    return cluster;
  }

  public String networkPolicy() {
    return cluster + "-peers";
  }

  /** The headless service, which gives each pod a name of its own. */
  public String peerService() {
    return cluster + "-peers";
  }

  public String clientService() {
    return cluster + "-client";
  }

  public String leaderService() {
    return cluster + "-leader";
  }

  public String serviceMonitor() {
    return cluster;
  }

  public String pod(int ordinal) {
    return cluster + "-" + ordinal;
  }

  public String claim(int ordinal) {
    return VOLUME + "-" + pod(ordinal);
  }

  /** Host that a pod has whatever its address is; a variable may stand for the pod's name. */
  public String host(String pod) {
    return "%s.%s.%s.svc".formatted(pod, peerService(), namespace);
  }
}
