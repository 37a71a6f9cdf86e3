package dev.kelvin.api;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.Reader;
import java.util.concurrent.Executor;
import java.util.function.LongFunction;

/**
 * A range in parts, all of one revision, each read when it is asked for: nothing is kept between
 * two of them. A compaction past that revision ends it with the API's error.
 *
 * <p>Confined to the lane of its audience.
 */
public final class RangeParts {
  /** Where the parts go. */
  public interface Audience {
    Executor lane();

    /** A part; {@link RangeParts#next} may be called for the next, unless it is the last. */
    void part(RangeResponse part, boolean last);

    /** There will be no more. */
    void end(ApiError error);
  }

  /** Of keys and values, after which a part has no further key. */
  private static final long PART_BYTES = 512 << 10;

  private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

  private final Requests requests;
  private final RangeRequest request;
  private final LongFunction<ResponseHeader> header;
  private final Audience audience;

  /** Revision of the store when the first part was read; 0 before. */
  private long begun;

  private long sent;
  private ByteString from;

  /**
   * @param header of the last part, by the store's revision
   */
  public RangeParts(
      Requests requests,
      RangeRequest request,
      LongFunction<ResponseHeader> header,
      Audience audience) {
    this.requests = requests;
    this.request = request;
    this.header = header;
    this.audience = audience;
    from = request.getKey();
  }

  /** Has the first part told. */
  public void begin() {
    var error = Checks.stream(request);
    if (error != null) {
      audience.end(error);
    } else if (request.getSerializable()) {
      next();
    } else {
      requests.barrier(
          new Step<>(audience.lane(), RangeResponse.class, _ -> {}, audience::end), this::next);
    }
  }

  /** Has the next part told. */
  public void next() {
    requests.inPool(
        new Step<>(audience.lane(), RangeResponse.class, this::answered, audience::end),
        this::read);
  }

  /** By a thread of the pool, while nothing else happens here. */
  private Outcome read(Reader reader) {
    var part = request.toBuilder().setKey(from);
    if (request.getCountOnly()) {
      return reader.range(part.build(), false);
    }
    if (begun > 0 && request.getRevision() <= 0) {
      part.setRevision(begun);
    }
    if (request.getLimit() > 0) {
      part.setLimit(request.getLimit() - sent);
    }
    var outcome = reader.page(part.build(), PART_BYTES);
    return outcome instanceof Outcome.Done(RangeResponse page) && cut(page)
        ? withRest(reader, part, page)
        : outcome;
  }

  /** Whether the request's limit ends it with this part. */
  private boolean cut(RangeResponse page) {
    return page.getMore() && sent + page.getKvsCount() == request.getLimit();
  }

  /** Counts what the limit keeps back. */
  private Outcome withRest(Reader reader, RangeRequest.Builder part, RangeResponse page) {
    long revision = part.getRevision() > 0 ? part.getRevision() : page.getHeader().getRevision();
    var rest = part.setKey(after(page)).setRevision(revision).setLimit(0).setCountOnly(true);
    var outcome = reader.range(rest.build(), false);
    return outcome instanceof Outcome.Done(RangeResponse counted)
        ? new Outcome.Done(page.toBuilder().setCount(counted.getCount()).build())
        : outcome;
  }

  private static ByteString after(RangeResponse page) {
    return page.getKvs(page.getKvsCount() - 1).getKey().concat(ZERO);
  }

  private void answered(RangeResponse page) {
    if (begun == 0) {
      begun = page.getHeader().getRevision();
    }
    boolean cut = cut(page);
    boolean last = !page.getMore() || cut;
    sent += page.getKvsCount();
    var part = RangeResponse.newBuilder().addAllKvs(page.getKvsList());
    if (last) {
      long count = request.getCountOnly() ? page.getCount() : cut ? sent + page.getCount() : sent;
      part.setHeader(header.apply(begun)).setMore(cut).setCount(count);
    } else {
      from = after(page);
    }
    audience.part(part.build(), last);
  }
}
