package dev.kelvin.api.rest;

import com.google.protobuf.ByteString;
import dev.kelvin.api.ApiError;
import dev.kelvin.api.Exchange;
import dev.kelvin.api.Requests;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeResponse;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.mvccpb.KeyValue;
import dev.kelvin.store.Outcome;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.json.JsonObjectBuilder;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One key as one resource: {@code /v1/kv/{key}}, where the key is the rest of the path, decoded,
 * and the body is the value as it is. Errors are problems in JSON (RFC 9457) with the API's text.
 */
@Path("/v1/kv/{key: .+}")
@NonBlocking
public class KvResource {
  /** Revision of the store when the request was carried out. */
  static final String REVISION = "Kelvin-Revision";

  static final String MOD_REVISION = "Kelvin-Mod-Revision";
  static final String CREATE_REVISION = "Kelvin-Create-Revision";
  static final String VERSION = "Kelvin-Version";

  private final Requests requests;

  @Inject
  KvResource(Requests requests) {
    this.requests = requests;
  }

  /**
   * @param uri with the flag {@code json}: the whole entry in JSON, key and value in base64 (and as
   *     text where they are)
   * @param serializable "true": answer with what this node has, which may be old
   */
  @GET
  public Uni<Response> get(
      @PathParam("key") String key,
      @Context UriInfo uri,
      @QueryParam("serializable") String serializable) {
    var request =
        RangeRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8(key))
            .setSerializable("true".equals(serializable))
            .build();
    return answer(
        exchange -> requests.range(request, exchange),
        outcome -> got(outcome, key, Flags.has(uri, "json")));
  }

  @PUT
  public Uni<Response> put(@PathParam("key") String key, byte[] value) {
    var request =
        PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8(key))
            .setValue(ByteString.copyFrom(value))
            .build();
    return answer(
        exchange -> requests.put(request, request.toByteArray(), exchange),
        outcome ->
            switch (outcome) {
              case Outcome.PutDone(long revision) -> revision(revision, Json.createObjectBuilder());
              case Outcome other -> throw new IllegalStateException("not a put's: " + other);
            });
  }

  @DELETE
  public Uni<Response> delete(@PathParam("key") String key) {
    var request = DeleteRangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
    return answer(
        exchange -> requests.delete(request, request.toByteArray(), exchange),
        outcome -> {
          if (!(outcome instanceof Outcome.Done(DeleteRangeResponse response))) {
            throw new IllegalStateException("not a deletion's: " + outcome);
          }
          return response.getDeleted() == 0
              ? Problems.notFound(key)
              : revision(
                  response.getHeader().getRevision(),
                  Json.createObjectBuilder().add("deleted", response.getDeleted()));
        });
  }

  private static Response got(Outcome outcome, String key, boolean json) {
    if (!(outcome instanceof Outcome.Done(RangeResponse response))) {
      throw new IllegalStateException("not a range's: " + outcome);
    }
    if (response.getKvsCount() == 0) {
      return Problems.notFound(key);
    }
    var kv = response.getKvs(0);
    long revision = response.getHeader().getRevision();
    var answer =
        Response.ok()
            .header(REVISION, revision)
            .header(MOD_REVISION, kv.getModRevision())
            .header(CREATE_REVISION, kv.getCreateRevision())
            .header(VERSION, kv.getVersion());
    return json
        ? answer.type(MediaType.APPLICATION_JSON).entity(entry(kv, revision)).build()
        : answer
            .type(MediaType.APPLICATION_OCTET_STREAM)
            .entity(kv.getValue().toByteArray())
            .build();
  }

  private static String entry(KeyValue kv, long revision) {
    var entry = Json.createObjectBuilder();
    bytes(entry, "key", kv.getKey());
    bytes(entry, "value", kv.getValue());
    return entry
        .add("createRevision", kv.getCreateRevision())
        .add("modRevision", kv.getModRevision())
        .add("version", kv.getVersion())
        .add("lease", kv.getLease())
        .add("revision", revision)
        .build()
        .toString();
  }

  private static void bytes(JsonObjectBuilder entry, String name, ByteString bytes) {
    entry.add(name + "Base64", Base64.getEncoder().encodeToString(bytes.toByteArray()));
    try {
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray()));
      entry.add(name, text.toString());
    } catch (CharacterCodingException e) {
      // Not text: base64 has it all.
      return;
    }
  }

  private static Response revision(long revision, JsonObjectBuilder body) {
    return Response.ok(body.add("revision", revision).build().toString())
        .type(MediaType.APPLICATION_JSON)
        .header(REVISION, revision)
        .build();
  }

  private static Uni<Response> answer(
      Consumer<Exchange> request, Function<Outcome, Response> response) {
    return Uni.createFrom()
        .emitter(
            emitter -> {
              var lane = Lane.current();
              request.accept(
                  new Exchange() {
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
                      emitter.complete(response.apply(outcome));
                    }

                    @Override
                    public void refuse(ApiError error) {
                      emitter.complete(Problems.of(error));
                    }
                  });
            });
  }
}
