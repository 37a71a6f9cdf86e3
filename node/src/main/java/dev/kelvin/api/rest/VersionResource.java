package dev.kelvin.api.rest;

import dev.kelvin.api.ApiLevel;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.json.Json;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The versions, in etcd's words and in ours. */
@Path("/version")
@NonBlocking
public class VersionResource {
  private final String body;

  VersionResource(@ConfigProperty(name = "quarkus.application.version") String kelvin) {
    body =
        Json.createObjectBuilder()
            .add("etcdserver", ApiLevel.SERVER)
            .add("etcdcluster", ApiLevel.CLUSTER)
            .add("storage", ApiLevel.STORAGE)
            .add("kelvin", kelvin)
            .build()
            .toString();
  }

  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public String version() {
    return body;
  }
}
