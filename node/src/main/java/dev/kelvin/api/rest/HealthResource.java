package dev.kelvin.api.rest;

import dev.kelvin.api.ApiError;
import dev.kelvin.api.Exchange;
import dev.kelvin.api.Readiness;
import dev.kelvin.api.Requests;
import dev.kelvin.member.Node;
import dev.kelvin.store.Outcome;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.concurrent.Executor;

/** Is the process alive, should it get requests, and etcd's /health. */
@Path("/")
@NonBlocking
public class HealthResource {
  private static final int UNAVAILABLE = 503;

  private final Node node;
  private final Requests requests;

  @Inject
  HealthResource(Node node, Requests requests) {
    this.node = node;
    this.requests = requests;
  }

  /** Only that this process answers: a node without quorum must not be restarted. */
  @GET
  @Path("livez")
  @Produces(MediaType.TEXT_PLAIN)
  public String live() {
    return "ok\n";
  }

  @GET
  @Path("readyz")
  @Produces(MediaType.TEXT_PLAIN)
  public Response ready(@Context UriInfo uri) {
    var checks = Readiness.of(node);
    boolean ready = Readiness.ready(checks);
    return Response.status(ready ? 200 : UNAVAILABLE)
        .entity(ready && !Flags.has(uri, "verbose") ? "ok\n" : text(checks, ready))
        .build();
  }

  private static String text(List<Readiness.Check> checks, boolean ready) {
    var text = new StringBuilder();
    for (var check : checks) {
      text.append(check.holds() ? "[+]" : "[-]").append(check.name());
      text.append(check.holds() ? " ok" : " failed: " + check.reason()).append('\n');
    }
    return text.append(ready ? "ok\n" : "not ready\n").toString();
  }

  /** As etcd: healthy if it can answer a read, linearizable unless asked otherwise. */
  @GET
  @Path("health")
  public Uni<Response> health(@QueryParam("serializable") String serializable) {
    return Uni.createFrom()
        .emitter(
            emitter -> {
              var exchange =
                  new Exchange() {
                    private final Executor lane = Lane.current();

                    @Override
                    public Executor lane() {
                      return lane;
                    }

                    @Override
                    public boolean requiresLeader() {
                      return false;
                    }

                    @Override
                    public void done(Outcome outcome) {
                      healthy();
                    }

                    void healthy() {
                      emitter.complete(health(true, ""));
                    }

                    @Override
                    public void refuse(ApiError error) {
                      emitter.complete(health(false, error.text()));
                    }
                  };
              if ("true".equals(serializable)) {
                var error = requests.admit(exchange, true);
                if (error != null) {
                  exchange.refuse(error);
                } else {
                  exchange.healthy();
                }
              } else {
                requests.linearizable(exchange, exchange::healthy);
              }
            });
  }

  private static Response health(boolean healthy, String reason) {
    var body =
        Json.createObjectBuilder()
            .add("health", Boolean.toString(healthy))
            .add("reason", reason)
            .build();
    return Response.status(healthy ? 200 : UNAVAILABLE)
        .type(MediaType.APPLICATION_JSON)
        .entity(body.toString())
        .build();
  }
}
