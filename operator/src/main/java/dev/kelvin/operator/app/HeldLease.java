package dev.kelvin.operator.app;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * The Lease of the replica that works. Told to end, it gives the Lease up, so that another one need
 * not wait until it has run out; the SDK has no setting for that. Any thread may ask.
 */
final class HeldLease {
  private static final Logger LOG = Logger.getLogger("dev.kelvin.operator");

  private final KubernetesClient client;
  private final String namespace;
  private final String name;
  private final String holder;
  private final AtomicBoolean ending = new AtomicBoolean();

  HeldLease(KubernetesClient client, String namespace, String name, String holder) {
    this.client = client;
    this.namespace = namespace;
    this.name = name;
    this.holder = holder;
  }

  /** The process is told to end: it will lose the Lease because it is to, and with no round run. */
  void ending() {
    ending.set(true);
  }

  /**
   * What is to be done when this replica works no more. The Lease is given up only by one that is
   * told to end: rounds of one that lost it may still be running.
   */
  void lost() {
    if (!ending.get()) {
      return;
    }
    try {
      giveUp();
    } catch (KubernetesClientException e) {
      LOG.infof("the lease is left to run out: %s", e.getMessage());
    }
  }

  /** Under optimistic locking, and only what is this replica's own. */
  private void giveUp() {
    Lease lease = client.leases().inNamespace(namespace).withName(name).get();
    if (lease == null || !holder.equals(lease.getSpec().getHolderIdentity())) {
      return;
    }
    lease.getSpec().setHolderIdentity("");
    lease.getSpec().setLeaseDurationSeconds(1);
    client.resource(lease).update();
    LOG.info("the lease is given up");
  }
}
