package dev.kelvin.api.rest;

import dev.kelvin.api.ApiError;
import dev.kelvin.api.Requests;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeResponse;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.StoreError;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;

/**
 * Many keys: {@code /v1/kv?prefix=…}. A listing comes in pages that are all of one revision; the
 * token that the next page is asked for with says everything, so that nothing is kept here between
 * two of them, and any node can go on.
 */
@Path("/v1/kv")
@NonBlocking
public class ListResource {
  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_LIMIT = 1000;

  /** Of keys and values, after which a page has no further entry. */
  private static final long PAGE_BYTES = 512 << 10;

  private final Requests requests;

  @Inject
  ListResource(Requests requests) {
    this.requests = requests;
  }

  @GET
  public Uni<Response> list(@Context HttpServerRequest http) {
    checkPath(http);
    var query =
        Query.of(
            http,
            "prefix",
            "limit",
            "continue",
            "keysOnly",
            "consistency",
            "serializable",
            "revision");
    boolean keysOnly = query.flag("keysOnly");
    var from =
        query.has("continue")
            ? PageToken.decode(query.bytes("continue").toStringUtf8())
            : new PageToken(
                query.number("revision", 1, Long.MAX_VALUE, 0),
                query.bytes("prefix"),
                new KeyPrefix(query.bytes("prefix")).from());
    if (query.has("continue") && query.has("revision")) {
      throw Problem.badRequest("continue has a revision: there can be no other").exception();
    }
    if (query.has("prefix") && !query.bytes("prefix").equals(from.prefix())) {
      throw Problem.badRequest("continue is of a listing with another prefix").exception();
    }
    var request =
        RangeRequest.newBuilder()
            .setKey(from.next())
            .setRangeEnd(new KeyPrefix(from.prefix()).end())
            .setRevision(from.revision())
            .setLimit(query.number("limit", 1, MAX_LIMIT, DEFAULT_LIMIT))
            .setKeysOnly(keysOnly)
            .setSerializable(query.serializable())
            .build();
    return Asking.ask(
        exchange -> requests.page(request, PAGE_BYTES, exchange),
        outcome -> {
          if (outcome instanceof Outcome.Done(RangeResponse page)) {
            return page(page, from, keysOnly);
          }
          throw new IllegalStateException("not a range's: " + outcome);
        },
        error -> refusal(error, from, query.has("continue")));
  }

  /** What the framework takes for this path is not always it. */
  private static void checkPath(HttpServerRequest http) {
    var path = http.path();
    if (!path.equals("/v1/kv") && !path.equals("/v1/kv/")) {
      throw new Problem(404, "no such resource: " + path).exception();
    }
  }

  private static Response page(RangeResponse page, PageToken from, boolean keysOnly) {
    long revision = from.revision() > 0 ? from.revision() : page.getHeader().getRevision();
    var items = Entries.JSON.createArrayBuilder();
    page.getKvsList().forEach(kv -> items.add(Entries.entry(kv, !keysOnly)));
    var body = Entries.JSON.createObjectBuilder().add("items", items);
    if (page.getMore()) {
      var next = page.getKvs(page.getKvsCount() - 1).getKey().concat(KeyPrefix.ZERO);
      body.add("continue", new PageToken(revision, from.prefix(), next).encode());
    }
    return KvResource.answer(revision, body).build();
  }

  private static Response refusal(ApiError error, PageToken from, boolean going) {
    if (going && error.equals(ApiError.of(StoreError.COMPACTED))) {
      return new Problem(
              410,
              "revision "
                  + from.revision()
                  + ", which this listing is of, has been compacted: begin again without continue")
          .with("revision", from.revision())
          .response();
    }
    if (going && error.equals(ApiError.of(StoreError.FUTURE_REVISION))) {
      return new Problem(503, "this node is not yet at revision " + from.revision())
          .with("revision", from.revision())
          .response();
    }
    return Problem.of(error).response();
  }

  @DELETE
  public Uni<Response> delete(@Context HttpServerRequest http) {
    checkPath(http);
    var query = Query.of(http, "prefix", "all");
    boolean all = query.flag("all");
    var prefix = query.bytes("prefix");
    if (all == !prefix.isEmpty() || all && query.has("prefix")) {
      throw Problem.badRequest("name a prefix that is not empty, or all=true for every key")
          .exception();
    }
    if (!Conditions.of(http).none()) {
      throw Problem.badRequest("conditions are of one key: there is none for many").exception();
    }
    var range = new KeyPrefix(prefix);
    var request =
        DeleteRangeRequest.newBuilder().setKey(range.from()).setRangeEnd(range.end()).build();
    return Asking.ask(
        exchange -> requests.delete(request, request.toByteArray(), exchange),
        outcome -> {
          if (outcome instanceof Outcome.Done(DeleteRangeResponse response)) {
            return KvResource.deleted(response.getHeader().getRevision(), response.getDeleted());
          }
          throw new IllegalStateException("not a deletion's: " + outcome);
        });
  }
}
