package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is committed twice says the same twice; needs no cluster. */
class ChartsTest {
  private static final String CRD = "kvclusters.kelvin.dev-v1.yml";
  private static final String SCHEMA = "charts/kelvin-cluster/values.schema.json";

  @Test
  void theOperatorsChartBringsTheGeneratedResourceType() {
    assertEquals(
        Project.read("crds/" + CRD),
        Project.read("charts/kelvin-operator/files/" + CRD),
        "run: make manifests");
  }

  @Test
  void chartsHaveTheVersionOfTheImages() {
    for (var chart : List.of("kelvin-operator", "kelvin-cluster")) {
      JsonNode said =
          Serialization.unmarshal(Project.read("charts/" + chart + "/Chart.yaml"), JsonNode.class);
      assertEquals(Project.version(), said.get("version").asText(), chart);
      assertEquals(Project.version(), said.get("appVersion").asText(), chart);
    }
  }

  @Test
  void theClusterChartsSchemaIsThatOfTheSpec() throws Exception {
    var mapper = new ObjectMapper();
    var made = mapper.writerWithDefaultPrettyPrinter().writeValueAsString(schema(mapper)) + "\n";
    var file = Path.of("target", "values.schema.json");
    Files.createDirectories(file.getParent());
    Files.writeString(file, made);
    assertTrue(
        Files.exists(Project.ROOT.resolve(SCHEMA)) && Project.read(SCHEMA).equals(made),
        "run: cp e2e/target/values.schema.json " + SCHEMA);
  }

  /** The spec's own, closed to what it does not name, and what the chart adds. */
  private static ObjectNode schema(ObjectMapper mapper) {
    JsonNode crd = Serialization.unmarshal(Project.read("crds/" + CRD), JsonNode.class);
    var spec =
        (ObjectNode) crd.at("/spec/versions/0/schema/openAPIV3Schema/properties/spec").deepCopy();
    assertTrue(spec.path("properties").has("replicas"), "the CRD has another shape");
    close(spec);
    var schema = mapper.createObjectNode();
    schema.put("$schema", "http://json-schema.org/draft-07/schema#");
    schema.put(
        "title", "Values of kelvin-cluster: name, labels, annotations, and a KvCluster's spec");
    schema.setAll(spec);
    var properties = (ObjectNode) schema.get("properties");
    properties.putObject("name").put("type", "string").put("maxLength", 52);
    for (var map : List.of("labels", "annotations")) {
      var added = properties.putObject(map).put("type", "object");
      added.putObject("additionalProperties").put("type", "string");
    }
    properties.putObject("global").put("type", "object");
    return schema;
  }

  private static void close(JsonNode node) {
    if (node instanceof ObjectNode object) {
      if (object.path("x-kubernetes-int-or-string").asBoolean()) {
        object.remove("anyOf");
        object.putArray("type").add("integer").add("number").add("string");
      }
      object.remove(
          List.of(
              "x-kubernetes-validations",
              "x-kubernetes-int-or-string",
              "x-kubernetes-map-type",
              "x-kubernetes-list-type",
              "default"));
      if (object.path("properties").isObject()
          && !object.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
        object.put("additionalProperties", false);
      }
      object.remove("x-kubernetes-preserve-unknown-fields");
    }
    node.forEach(ChartsTest::close);
  }
}
