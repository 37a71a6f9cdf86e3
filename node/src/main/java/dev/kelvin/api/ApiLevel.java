package dev.kelvin.api;

/**
 * The etcd release whose API a node speaks. Clients switch features by it: kube-apiserver uses
 * watch progress requests only from 3.5.13 on.
 */
public final class ApiLevel {
  public static final String SERVER = "3.6.7";

  /** Of the cluster: the minor release all members have in common. */
  public static final String CLUSTER = "3.6.0";

  /** Of the cluster, as etcd's answers to downgrades have it. */
  public static final String CLUSTER_MINOR = "3.6";

  /** Of the stored data's model. */
  public static final String STORAGE = "3.6.0";

  private ApiLevel() {}
}
