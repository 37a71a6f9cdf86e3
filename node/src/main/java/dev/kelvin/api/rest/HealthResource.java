package dev.kelvin.api.rest;

import dev.kelvin.api.ApiError;
import dev.kelvin.api.Exchange;
import dev.kelvin.api.Health;
import dev.kelvin.api.Requests;
import dev.kelvin.member.Node;
import dev.kelvin.store.Outcome;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * etcd's /health, /livez and /readyz, with their parameters and texts. What makes a node live or
 * ready is in {@link Health}.
 */
@Path("/")
@NonBlocking
public class HealthResource {
  private static final int UNAVAILABLE = 503;
  private static final String PLAIN = "text/plain; charset=utf-8";

  private final Node node;
  private final Requests requests;
  private final HealthMeter meter;

  @Inject
  HealthResource(Node node, Requests requests, HealthMeter meter) {
    this.node = node;
    this.requests = requests;
    this.meter = meter;
  }

  @GET
  @Path("livez")
  public Response live(@QueryParam("exclude") List<String> excluded, @Context UriInfo uri) {
    return all("livez", Health.live(node), excluded, uri);
  }

  @GET
  @Path("livez/{check}")
  public Response live(@PathParam("check") String check, @Context UriInfo uri) {
    return one("livez", Health.live(node), check, uri);
  }

  @GET
  @Path("readyz")
  public Response ready(@QueryParam("exclude") List<String> excluded, @Context UriInfo uri) {
    return all("readyz", Health.ready(node), excluded, uri);
  }

  @GET
  @Path("readyz/{check}")
  public Response ready(@PathParam("check") String check, @Context UriInfo uri) {
    return one("readyz", Health.ready(node), check, uri);
  }

  /** What is excluded and does not exist is passed over, as in etcd. */
  private Response all(String type, List<Health.Check> checks, List<String> excluded, UriInfo uri) {
    return answer(type, checks.stream().filter(c -> !excluded.contains(c.name())).toList(), uri);
  }

  private Response one(String type, List<Health.Check> checks, String name, UriInfo uri) {
    var named = checks.stream().filter(c -> c.name().equals(name)).toList();
    return named.isEmpty() ? plain(404, "404 page not found\n").build() : answer(type, named, uri);
  }

  private Response answer(String type, List<Health.Check> checks, UriInfo uri) {
    var text = new StringBuilder();
    boolean well = true;
    for (var check : checks) {
      meter.check(type, check.name(), check.holds());
      well &= check.holds();
      text.append(check.holds() ? "[+]" : "[-]").append(check.name());
      text.append(check.holds() ? " ok" : " failed: " + check.reason()).append('\n');
    }
    if (!well) {
      return plain(UNAVAILABLE, text.append('\n').toString()).build();
    }
    return plain(200, Flags.has(uri, "verbose") ? text.append("ok\n").toString() : "ok\n").build();
  }

  private static Response.ResponseBuilder plain(int status, String text) {
    return Response.status(status)
        .type(PLAIN)
        .header("X-Content-Type-Options", "nosniff")
        .entity(text);
  }

  /**
   * As etcd: healthy if no alarm is raised but those excluded, somebody leads, and a read can be
   * answered; if the last is to be serializable, nobody need lead.
   */
  @GET
  @Path("health")
  public Uni<Response> health(
      @QueryParam("serializable") String serializable,
      @QueryParam("exclude") List<String> excluded) {
    boolean local = "true".equals(serializable);
    for (var alarm : Health.alarms(node)) {
      if (!excluded.contains(alarm.name())) {
        return Uni.createFrom().item(health(false, "ALARM " + alarm.name()));
      }
    }
    var replica = node.replica();
    if (!local && replica != null && replica.status().leader() == 0) {
      return Uni.createFrom().item(health(false, "RAFT NO LEADER"));
    }
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
                      emitter.complete(health(false, "RANGE ERROR:" + error.text()));
                    }
                  };
              var error = requests.admit(exchange, true);
              if (error != null) {
                exchange.refuse(error);
              } else if (local) {
                var read = Health.live(node).getFirst();
                emitter.complete(
                    health(read.holds(), read.holds() ? "" : "RANGE ERROR:" + read.reason()));
              } else {
                requests.barrier(exchange, exchange::healthy);
              }
            });
  }

  private Response health(boolean healthy, String reason) {
    meter.health(healthy);
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
