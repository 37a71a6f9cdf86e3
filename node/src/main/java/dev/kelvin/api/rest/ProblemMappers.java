package dev.kelvin.api.rest;

import dev.kelvin.api.ApiError;
import dev.kelvin.api.Limits;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Everything that goes wrong on the HTTP port is told as a {@link Problem}. */
@Singleton
public class ProblemMappers {
  private static final Logger LOG = Logger.getLogger(ProblemMappers.class);

  /** Before the framework's own limit, which answers with an empty body. */
  private static final int FIRST = 1000;

  /** What a body may be longer than a value: {@code dev.kelvin.app.FrameworkSettings}. */
  private static final long BODY_OVERHEAD = 65_536;

  private final long maxBody;

  @Inject
  ProblemMappers(Limits limits) {
    maxBody = limits.maxRequestBytes() + BODY_OVERHEAD;
  }

  void limits(@Observes Filters filters) {
    filters.register(this::refuseLarge, FIRST);
  }

  private void refuseLarge(RoutingContext request) {
    var length = request.request().getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length != null && tooLong(length)) {
      Problem.of(ApiError.TOO_LARGE).answer(request.response());
      Bodies.closeSoon(request.request());
    } else {
      request.next();
    }
  }

  private boolean tooLong(String length) {
    try {
      return Long.parseLong(length) > maxBody;
    } catch (NumberFormatException e) {
      return true;
    }
  }

  @ServerExceptionMapper
  Response refused(ProblemException refused) {
    return refused.problem().response();
  }

  /** What the framework itself says no to: unknown paths, methods, and the like. */
  @ServerExceptionMapper
  Response refused(WebApplicationException refused, UriInfo uri) {
    var original = refused.getResponse();
    int status = original.getStatus();
    var path = path(uri);
    if (status < 400) {
      return original;
    }
    if (status == 404 && KvResource.is(path)) {
      // The framework does not find a method where a pattern takes the rest of the path.
      return new Problem(405, "not a method of " + path)
          .withHeader(HttpHeaders.ALLOW, KvResource.METHODS)
          .response();
    }
    var problem =
        switch (status) {
          case 404 -> new Problem(404, "no such resource: " + path);
          case 405 -> new Problem(405, "not a method of " + path);
          case 413 -> Problem.of(ApiError.TOO_LARGE);
          default -> new Problem(status, refused.getMessage());
        };
    var allow = original.getHeaderString(HttpHeaders.ALLOW);
    return (allow == null ? problem : problem.withHeader(HttpHeaders.ALLOW, allow)).response();
  }

  @ServerExceptionMapper
  Response failed(Throwable defect, Request request, UriInfo uri) {
    LOG.errorf(defect, "%s %s failed", request.getMethod(), path(uri));
    return Problem.of(ApiError.INTERNAL_ERROR).response();
  }

  /** Empty where it has characters that no path may have: a request can. */
  private static String path(UriInfo uri) {
    try {
      return Objects.requireNonNullElse(uri.getRequestUri().getRawPath(), "");
    } catch (RuntimeException e) {
      return "";
    }
  }
}
