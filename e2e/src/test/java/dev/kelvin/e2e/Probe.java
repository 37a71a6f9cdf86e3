package dev.kelvin.e2e;

import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import org.testcontainers.k3s.K3sContainer;

class Probe {
  Object a(K3sContainer c) {
    return new KubernetesClientBuilder().build();
  }
}
