package dev.kelvin.operator.crd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The schema that is generated from the model, and the copy of it that people apply. */
class CrdTest {
  private static final String FILE = "kvclusters.kelvin.dev-v1.yml";
  private static final Path GENERATED = Path.of("target/crds");

  /** Types of Kubernetes' own, described by {@code kubectl explain pod} and not here. */
  private static final List<String> FOREIGN =
      List.of(
          "spec.resources",
          "spec.pod.affinity",
          "spec.pod.tolerations",
          "spec.pod.topologySpreadConstraints",
          "spec.pod.imagePullSecrets",
          "spec.pod.env",
          "status.conditions");

  private static CustomResourceDefinition crd;

  @BeforeAll
  static void generate() throws IOException {
    Files.createDirectories(GENERATED);
    new CRDGenerator()
        .inOutputDir(GENERATED.toFile())
        .forCRDVersions("v1")
        .withMinQuotes(true)
        .withPostProcessor(
            new CRDPostProcessor() {
              @Override
              public HasMetadata process(HasMetadata crd, String version) {
                return describe(order(crd));
              }
            })
        .customResourceClasses(KvCluster.class)
        .generate();
    crd =
        Serialization.unmarshal(
            Files.readString(GENERATED.resolve(FILE)), CustomResourceDefinition.class);
  }

  /** The generator sorts columns by their names. */
  private static HasMetadata order(HasMetadata crd) {
    var annotated =
        Arrays.asList(KvCluster.class.getAnnotationsByType(AdditionalPrinterColumn.class));
    var names = annotated.stream().map(AdditionalPrinterColumn::name).toList();
    ((CustomResourceDefinition) crd)
        .getSpec()
        .getVersions()
        .forEach(
            v ->
                v.getAdditionalPrinterColumns()
                    .sort(Comparator.comparingInt(c -> names.indexOf(c.getName()))));
    return crd;
  }

  /** The generator describes fields, and these three only by their types. */
  private static HasMetadata describe(HasMetadata crd) {
    for (var version : ((CustomResourceDefinition) crd).getSpec().getVersions()) {
      var schema = version.getSchema().getOpenAPIV3Schema();
      schema.setDescription(said(KvCluster.class));
      schema.getProperties().get("spec").setDescription(said(KvClusterSpec.class));
      schema.getProperties().get("status").setDescription(said(KvClusterStatus.class));
    }
    return crd;
  }

  private static String said(Class<?> type) {
    return type.getAnnotation(JsonClassDescription.class).value();
  }

  @Test
  void theCommittedFileIsCurrent() throws IOException {
    var committed = Path.of("..", "crds", FILE);
    assertTrue(
        Files.exists(committed)
            && Files.readString(committed).equals(Files.readString(GENERATED.resolve(FILE))),
        "crds/%s is not what the model says: cp operator/target/crds/%s crds/"
            .formatted(FILE, FILE));
  }

  @Test
  void everyFieldIsDescribed() {
    List<String> bare = new ArrayList<>();
    collectBare("", schema(), bare);
    assertEquals(List.of(), bare);
  }

  private static void collectBare(String path, JSONSchemaProps schema, List<String> bare) {
    if (schema.getProperties() == null) {
      return;
    }
    schema
        .getProperties()
        .forEach(
            (name, property) -> {
              var full = path.isEmpty() ? name : path + "." + name;
              if (property.getDescription() == null || property.getDescription().isBlank()) {
                bare.add(full);
              }
              if (!FOREIGN.contains(full)) {
                collectBare(full, property, bare);
                if (property.getItems() != null && property.getItems().getSchema() != null) {
                  collectBare(full, property.getItems().getSchema(), bare);
                }
              }
            });
  }

  @Test
  void everyRuleSaysWhyInWordsAndIsBounded() {
    List<String> rules = new ArrayList<>();
    collectRules("", schema(), rules);
    assertFalse(rules.isEmpty());
    rules.forEach(r -> assertTrue(r.matches(".* => .{20,}"), r));
    var storage = property("spec", "storage");
    assertEquals(32, storage.getProperties().get("size").getMaxLength());
    assertEquals(253, storage.getProperties().get("storageClassName").getMaxLength());
    assertEquals(64, property("spec", "version").getMaxLength());
    assertEquals(512, property("spec", "image").getMaxLength());
  }

  private static void collectRules(String path, JSONSchemaProps schema, List<String> rules) {
    schema
        .getXKubernetesValidations()
        .forEach(r -> rules.add(path + ": " + r.getRule() + " => " + r.getMessage()));
    if (schema.getProperties() != null) {
      schema.getProperties().forEach((n, p) -> collectRules(path + "." + n, p, rules));
    }
  }

  @Test
  void whatIsLeftAwayHasADefault() {
    assertEquals("3", property("spec", "replicas").getDefault().toString());
    assertEquals("{}", property("spec", "storage").getDefault().toString());
    assertEquals(
        "\"10Gi\"",
        property("spec", "storage").getProperties().get("size").getDefault().toString());
    assertEquals(
        "\"Retain\"",
        property("spec", "storage").getProperties().get("whenScaled").getDefault().toString());
  }

  @Test
  void itScalesAndHasAStatusOfItsOwn() {
    var version = crd.getSpec().getVersions().getFirst();
    var scale = version.getSubresources().getScale();
    assertEquals(".spec.replicas", scale.getSpecReplicasPath());
    assertEquals(".status.replicas", scale.getStatusReplicasPath());
    assertEquals(".status.selector", scale.getLabelSelectorPath());
    assertTrue(version.getSubresources().getStatus() != null);
    assertEquals(List.of("kv"), crd.getSpec().getNames().getShortNames());
    assertEquals("Namespaced", crd.getSpec().getScope());
  }

  @Test
  void theColumnsAreWhatOneLooksFor() {
    assertEquals(
        List.of(
            "Ready", "Desired", "Available", "Degraded", "Leader", "Version", "Operation", "Age"),
        crd.getSpec().getVersions().getFirst().getAdditionalPrinterColumns().stream()
            .filter(c -> c.getPriority() == null || c.getPriority() == 0)
            .map(c -> c.getName())
            .toList());
  }

  /** The node's options are not on this module's class path: its source says them. */
  @Test
  void everyNodeSettingIsAnOptionOfTheNode() throws IOException {
    var source = Files.readString(Path.of("..", "node/src/main/java/dev/kelvin/app/Setting.java"));
    var options =
        Pattern.compile("[A-Z_]+\\(\\s*\"([a-z-]+)\"")
            .matcher(source)
            .results()
            .map(m -> m.group(1))
            .collect(Collectors.toSet());
    for (var component : NodeSettings.class.getRecordComponents()) {
      var option =
          component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
      assertTrue(options.contains(option), option + " is none of " + options);
    }
    assertTrue(options.containsAll(List.of("listen-cache", "listen-json")), "spec.protocols");
  }

  private static JSONSchemaProps schema() {
    return crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
  }

  private static JSONSchemaProps property(String... path) {
    var at = schema();
    for (var name : path) {
      at = at.getProperties().get(name);
    }
    return at;
  }
}
