package dev.kelvin.api.rest;

import com.google.protobuf.ByteString;
import dev.kelvin.api.Exchange;
import dev.kelvin.api.Requests;
import dev.kelvin.api.TimedWrites;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeResponse;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.proto.etcdserverpb.TxnResponse;
import dev.kelvin.store.Outcome;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Inject;
import jakarta.json.JsonObjectBuilder;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One key as one resource: {@code /v1/kv/{key}}, where the key is the rest of the path, decoded,
 * and the body is the value as it is. Its entity tag is its modification revision; what is written
 * on a condition is written by a transaction. Described in docs/rest.md.
 */
@Path("/v1/kv/{key: .+}")
@NonBlocking
public class KvResource {
  /** Revision of the store when the request was carried out. */
  static final String REVISION = "Kelvin-Revision";

  static final String MOD_REVISION = "Kelvin-Mod-Revision";
  static final String CREATE_REVISION = "Kelvin-Create-Revision";
  static final String VERSION = "Kelvin-Version";

  /** Of a key. */
  static final String METHODS = "GET, HEAD, PUT, DELETE";

  private static final String PATH = "/v1/kv/";

  private final Requests requests;
  private final TimedWrites timedWrites;
  private final Bodies bodies;

  @Inject
  KvResource(Requests requests, TimedWrites timedWrites, Bodies bodies) {
    this.requests = requests;
    this.bodies = bodies;
    this.timedWrites = timedWrites;
  }

  @GET
  public Uni<Response> get(@Context HttpServerRequest http) {
    var key = key(http, PATH);
    var query = Query.of(http, "json", "consistency", "serializable", "revision");
    var conditions = Conditions.of(http);
    boolean json = query.flag("json") || wantsJson(http);
    var request =
        RangeRequest.newBuilder()
            .setKey(key)
            .setRevision(query.number("revision", 1, Long.MAX_VALUE, 0))
            .setSerializable(query.serializable())
            .build();
    return Asking.ask(
        exchange -> requests.range(request, exchange),
        outcome -> got(range(outcome), key, conditions, json));
  }

  /** Whether a path is a key's. */
  static boolean is(String path) {
    return path.startsWith(PATH) && path.length() > PATH.length();
  }

  /** The rest of the path, whose bytes the framework would take for text. */
  static ByteString key(HttpServerRequest http, String path) {
    var raw = http.path();
    var key = raw.startsWith(path) ? PercentCode.path(raw.substring(path.length())) : null;
    if (key == null || key.isEmpty()) {
      throw new Problem(404, "no such resource: " + raw).exception();
    }
    return key;
  }

  private static boolean wantsJson(HttpServerRequest http) {
    var accept = http.getHeader(HttpHeaders.ACCEPT);
    return accept != null && accept.contains(MediaType.APPLICATION_JSON);
  }

  private static RangeResponse range(Outcome outcome) {
    if (outcome instanceof Outcome.Done(RangeResponse response)) {
      return response;
    }
    throw new IllegalStateException("not a range's: " + outcome);
  }

  private static Response got(
      RangeResponse response, ByteString key, Conditions conditions, boolean json) {
    long revision = response.getHeader().getRevision();
    if (response.getKvsCount() == 0) {
      return conditions.missed(0) ? failed(response) : notFound(key);
    }
    var kv = response.getKvs(0);
    if (conditions.missed(kv.getModRevision())) {
      return failed(response);
    }
    var answer = conditions.has(kv.getModRevision()) ? Response.notModified() : Response.ok();
    answer
        .header(HttpHeaders.ETAG, Conditions.tag(kv.getModRevision()))
        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
        .header(REVISION, revision)
        .header(MOD_REVISION, kv.getModRevision())
        .header(CREATE_REVISION, kv.getCreateRevision())
        .header(VERSION, kv.getVersion());
    if (conditions.has(kv.getModRevision())) {
      return answer.build();
    }
    return json
        ? answer
            .type(MediaType.APPLICATION_JSON)
            .entity(Entries.full(kv).add("revision", revision).build().toString())
            .build()
        : answer
            .type(MediaType.APPLICATION_OCTET_STREAM)
            .entity(kv.getValue().toByteArray())
            .build();
  }

  private static Response notFound(ByteString key) {
    return new Problem(404, "no such key: " + key.toStringUtf8()).response();
  }

  /** A condition does not hold of what there is. */
  private static Response failed(RangeResponse current) {
    long now = current.getHeader().getRevision();
    if (current.getKvsCount() == 0) {
      return new Problem(412, "the condition does not hold: there is no such key")
          .with("modRevision", 0)
          .with("revision", now)
          .response();
    }
    long mod = current.getKvs(0).getModRevision();
    return new Problem(412, "the condition does not hold: the key is at revision " + mod)
        .with("modRevision", mod)
        .with("revision", now)
        .withHeader(HttpHeaders.ETAG, Conditions.tag(mod))
        .response();
  }

  @PUT
  public Uni<Response> put(@Context HttpServerRequest http) {
    var key = key(http, PATH);
    checkBody(http);
    long ttl = Query.of(http, "ttl").number("ttl", 1, Long.MAX_VALUE, 0);
    var conditions = Conditions.of(http);
    var txn = conditions.none() ? null : conditional(key, conditions);
    return Uni.createFrom()
        .emitter(
            answer ->
                bodies.read(
                    http,
                    value -> {
                      var put = PutRequest.newBuilder().setKey(key).setValue(value).build();
                      var done = txn == null ? put(put, ttl) : put(put, ttl, txn);
                      done.subscribe().with(answer::complete, answer::fail);
                    },
                    problem -> answer.complete(problem.response())));
  }

  private Uni<Response> put(PutRequest put, long ttl) {
    return Asking.ask(
        exchange -> {
          if (ttl == 0) {
            requests.put(put, put.toByteArray(), exchange);
          } else {
            requests.put(put, ttl, exchange);
          }
        },
        outcome -> put(outcome, ttl));
  }

  private Uni<Response> put(PutRequest put, long ttl, TxnRequest.Builder txn) {
    // Of the lease, once it is granted.
    var granted = new AtomicLong();
    return Asking.ask(
        exchange -> {
          if (ttl == 0) {
            txn(txn.addSuccess(RequestOp.newBuilder().setRequestPut(put)), exchange);
          } else {
            timedWrites.write(
                ttl,
                exchange,
                (lease, seconds, inner) -> {
                  granted.set(seconds);
                  var leased = put.toBuilder().setLease(lease);
                  txn(txn.addSuccess(RequestOp.newBuilder().setRequestPut(leased)), inner);
                });
          }
        },
        outcome -> {
          var done = txn(outcome);
          return done.getSucceeded()
              ? written(done.getHeader().getRevision(), granted.get())
              : failed(current(done));
        });
  }

  /** A value is what the body is; what is not the body itself is refused rather than kept. */
  private static void checkBody(HttpServerRequest http) {
    var type = http.getHeader(HttpHeaders.CONTENT_TYPE);
    if (type != null && type.toLowerCase(Locale.ROOT).startsWith("multipart/")) {
      throw new Problem(415, "the body is the value as it is: no " + type).exception();
    }
    var encoding = http.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw new Problem(415, "the body is the value as it is: no content encoding " + encoding)
          .exception();
    }
  }

  private static Response put(Outcome outcome, long ttl) {
    if (outcome instanceof Outcome.PutDone(long revision)) {
      return written(revision, ttl);
    }
    throw new IllegalStateException("not a put's: " + outcome);
  }

  private static Response written(long revision, long ttl) {
    var body = Entries.JSON.createObjectBuilder();
    if (ttl > 0) {
      body.add("ttl", ttl);
    }
    return answer(revision, body).header(HttpHeaders.ETAG, Conditions.tag(revision)).build();
  }

  static Response.ResponseBuilder answer(long revision, JsonObjectBuilder body) {
    return Response.ok(body.add("revision", revision).build().toString())
        .type(MediaType.APPLICATION_JSON)
        .header(REVISION, revision);
  }

  /** Reads what there is if the conditions do not hold. */
  private static TxnRequest.Builder conditional(ByteString key, Conditions conditions) {
    var current = RangeRequest.newBuilder().setKey(key).setKeysOnly(true);
    return TxnRequest.newBuilder()
        .addAllCompare(conditions.compares(key))
        .addFailure(RequestOp.newBuilder().setRequestRange(current));
  }

  private void txn(TxnRequest.Builder txn, Exchange exchange) {
    var request = txn.build();
    requests.txn(request, request.toByteArray(), exchange);
  }

  private static TxnResponse txn(Outcome outcome) {
    if (outcome instanceof Outcome.Done(TxnResponse response)) {
      return response;
    }
    throw new IllegalStateException("not a transaction's: " + outcome);
  }

  private static RangeResponse current(TxnResponse failed) {
    return failed.getResponses(0).getResponseRange().toBuilder()
        .setHeader(failed.getHeader())
        .build();
  }

  @DELETE
  public Uni<Response> delete(@Context HttpServerRequest http) {
    var key = key(http, PATH);
    Query.of(http);
    var conditions = Conditions.of(http);
    var deletion = DeleteRangeRequest.newBuilder().setKey(key).build();
    if (conditions.none()) {
      return Asking.ask(
          exchange -> requests.delete(deletion, deletion.toByteArray(), exchange),
          outcome -> {
            if (!(outcome instanceof Outcome.Done(DeleteRangeResponse response))) {
              throw new IllegalStateException("not a deletion's: " + outcome);
            }
            return response.getDeleted() == 0
                ? notFound(key)
                : deleted(response.getHeader().getRevision(), response.getDeleted());
          });
    }
    var txn =
        conditional(key, conditions)
            .addSuccess(RequestOp.newBuilder().setRequestDeleteRange(deletion));
    return Asking.ask(
        exchange -> txn(txn, exchange),
        outcome -> {
          var done = txn(outcome);
          if (!done.getSucceeded()) {
            return failed(current(done));
          }
          long count = done.getResponses(0).getResponseDeleteRange().getDeleted();
          return count == 0 ? notFound(key) : deleted(done.getHeader().getRevision(), count);
        });
  }

  static Response deleted(long revision, long count) {
    return answer(revision, Entries.JSON.createObjectBuilder().add("deleted", count)).build();
  }
}
