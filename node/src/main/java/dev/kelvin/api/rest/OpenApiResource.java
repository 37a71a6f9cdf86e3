package dev.kelvin.api.rest;

import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What this port understands, as an OpenAPI 3.0 document: openapi.json beside this class, written
 * by hand, and held against the resources by a test.
 */
@Path("/openapi")
@NonBlocking
public class OpenApiResource {
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public byte[] document() {
    // Read anew each time: few ask, and it would be kept in vain.
    try (var in = OpenApiResource.class.getResourceAsStream("openapi.json")) {
      if (in == null) {
        throw new FileNotFoundException("openapi.json is not in this program");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
