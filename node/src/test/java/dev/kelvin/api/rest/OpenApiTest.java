package dev.kelvin.api.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The document against the resources. */
class OpenApiTest {
  private static final Set<String> METHODS =
      Set.of("get", "put", "post", "delete", "head", "patch", "options", "trace");

  private final JsonObject document =
      Json.createReader(OpenApiResource.class.getResourceAsStream("openapi.json")).readObject();

  private static Set<String> resources() {
    var found = new TreeSet<String>();
    var classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.kelvin");
    for (var type : classes) {
      if (type.isAnnotatedWith(Path.class)) {
        var resource = type.reflect();
        var base = resource.getAnnotation(Path.class).value();
        for (var method : resource.getDeclaredMethods()) {
          var path = method.getAnnotation(Path.class);
          Arrays.stream(method.getAnnotations())
              .map(a -> a.annotationType().getAnnotation(HttpMethod.class))
              .filter(m -> m != null)
              .forEach(m -> found.add(m.value() + " " + join(base, path)));
        }
      }
    }
    // Routes, which no annotation tells of.
    WatchRoutes.PATHS.forEach(path -> found.add("GET " + path));
    return found;
  }

  private static String join(String base, Path path) {
    var whole = path == null ? base : base + "/" + path.value();
    return whole.replaceAll(":[^}]*}", "}").replaceAll("//+", "/");
  }

  @Test
  void everyPathAndMethodIsInTheDocumentAndTheOtherWayRound() {
    var described = new TreeSet<String>();
    document
        .getJsonObject("paths")
        .forEach(
            (path, item) ->
                item.asJsonObject().keySet().stream()
                    .filter(METHODS::contains)
                    .forEach(
                        method -> described.add(method.toUpperCase(Locale.ROOT) + " " + path)));
    assertEquals(String.join("\n", resources()), String.join("\n", described));
  }

  @Test
  void everyParameterOfAPathIsDescribed() {
    document
        .getJsonObject("paths")
        .forEach(
            (path, item) -> {
              var text = item.toString();
              if (path.contains("{key}")) {
                assertTrue(text.contains("#/components/parameters/key"), path);
              }
              if (path.contains("{check}")) {
                assertTrue(text.contains("\"name\":\"check\",\"in\":\"path\""), path);
              }
            });
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    var seen = new TreeSet<String>();
    collect(document, seen);
    assertFalse(seen.isEmpty());
    for (var reference : seen) {
      assertTrue(reference.startsWith("#/"), reference);
      assertTrue(Json.createPointer(reference.substring(1)).containsValue(document), reference);
    }
  }

  private static void collect(JsonValue value, Set<String> references) {
    if (value instanceof JsonObject object) {
      object.forEach(
          (name, member) -> {
            if (name.equals("$ref") && member instanceof JsonString reference) {
              references.add(reference.getString());
            }
            collect(member, references);
          });
    } else if (value instanceof JsonArray array) {
      array.forEach(member -> collect(member, references));
    }
  }
}
