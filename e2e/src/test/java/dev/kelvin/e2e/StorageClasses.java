package dev.kelvin.e2e;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;

/** Storage classes made for a scenario. */
final class StorageClasses {
  private StorageClasses() {}

  /** One as the default class, but for whether its volumes can grow. */
  static void create(String name, boolean grows) {
    var classes = Kubernetes.get().client().storage().v1().storageClasses();
    StorageClass usual =
        classes.list().getItems().stream()
            .filter(StorageClasses::isDefault)
            .findFirst()
            .orElseThrow(() -> new AssertionError("there is no default storage class"));
    classes
        .resource(
            new StorageClassBuilder(usual)
                .withMetadata(new ObjectMetaBuilder().withName(name).build())
                .withAllowVolumeExpansion(grows)
                .build())
        .serverSideApply();
  }

  private static boolean isDefault(StorageClass found) {
    var annotations = found.getMetadata().getAnnotations();
    return annotations != null
        && "true".equals(annotations.get("storageclass.kubernetes.io/is-default-class"));
  }

  static void delete(String name) {
    Kubernetes.get().client().storage().v1().storageClasses().withName(name).delete();
  }
}
