using System.Net.Http.Headers;

namespace Vending.Samples;

/// <summary>
/// Sends a request until it is answered for good. Each try has the same idempotency key, so no try makes a second key.
/// </summary>
public sealed class PatientHandler(Func<Task<string>> token) : DelegatingHandler(new SocketsHttpHandler())
{
    const int MaxTries = 6;
    /// <summary>Of one try. The service answers within a minute and a half.</summary>
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(100);
    /// <summary>Where neither an answer nor its header says when.</summary>
    static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(2);
    /// <summary>A longer wait, such as for the end of an overlap, is for another day.</summary>
    static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(2);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken stop)
    {
        // Gives the body a length, since the host does not pass on chunks, and lets it be sent again.
        if (request.Content != null) await request.Content.LoadIntoBufferAsync(stop);
        for (var tries = 1; ; tries++)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await token());
            using var limited = CancellationTokenSource.CreateLinkedTokenSource(stop);
            limited.CancelAfter(Limit);
            try
            {
                var response = await base.SendAsync(request, limited.Token);
                if (WaitOf(response) is not { } wait || wait > MaxWait || tries == MaxTries) return response;
                response.Dispose();
                await Task.Delay(wait, stop);
            }
            catch (Exception lost) when (lost is HttpRequestException or OperationCanceledException && tries < MaxTries && !stop.IsCancellationRequested)
            {
                await Task.Delay(DefaultWait, stop);
            }
        }
    }

    /// <summary>How long until the request is worth another try; null for a final answer.</summary>
    static TimeSpan? WaitOf(HttpResponseMessage response)
    {
        if (response.Headers.RetryAfter?.Delta is { } wait) return wait;
        // Gateways and the Functions host answer without a problem body.
        var isOfTheService = response.Content.Headers.ContentType?.MediaType?.Contains("json") ?? false;
        return (int)response.StatusCode >= 500 && !isOfTheService ? DefaultWait : null;
    }
}
