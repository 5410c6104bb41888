using System.Text.Json.Nodes;
using Azure.Messaging.ServiceBus;

namespace Vending.Samples;

/// <summary>Vends by queue.</summary>
public static class Queue
{
    const string Requests = "vend-requests";
    /// <summary>A reply queue of your own, which `REPLY_QUEUES` of the service names.</summary>
    const string Replies = "portal-replies";
    const int MaxTries = 3;
    /// <summary>The service tries for minutes before it answers with a problem.</summary>
    static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(10);

    public static async Task Run(string connection, string order)
    {
        // In Azure: new ServiceBusClient("NAMESPACE.servicebus.windows.net", new DefaultAzureCredential()).
        await using var bus = new ServiceBusClient(connection);
        var request = new JsonObject { ["environmentId"] = "env-12132", ["clusterId"] = "clusterId-123", ["name"] = "orders" };
        var (subject, body) = await Vend(bus, order, request);
        Console.WriteLine(subject == "vended" ? $"vended {body["id"]} {body["secret"]!["keyVaultReference"]}" : $"{subject}: {body["detail"]}");
    }

    /// <summary>
    /// Sends a request and waits for its answer. A message id counts once within the hour, and an answer to it is final. So each
    /// try has a message id of its own, and all have one idempotency key: no try makes a second key.
    /// </summary>
    static async Task<(string Subject, JsonNode Body)> Vend(ServiceBusClient bus, string order, JsonObject request)
    {
        await using var sender = bus.CreateSender(Requests);
        await using var replies = bus.CreateReceiver(Replies);
        request["idempotencyKey"] = order;
        for (var tries = 1; ; tries++)
        {
            var messageId = Guid.NewGuid().ToString();
            await sender.SendMessageAsync(new ServiceBusMessage(request.ToJsonString())
            {
                ContentType = "application/json",
                MessageId = messageId,
                ReplyTo = Replies,
            });
            var answer = await AnswerTo(messageId, replies);
            var body = JsonNode.Parse(answer.Body)!;
            if (body["status"]!.ToString() != "503" || tries == MaxTries) return (answer.Subject, body);
            Console.Error.WriteLine($"{answer.Subject}: {body["detail"]} It is sent again.");
        }
    }

    /// <summary>Takes other answers off the queue too: a program with several requests under way keeps them by `CorrelationId`.</summary>
    static async Task<ServiceBusReceivedMessage> AnswerTo(string messageId, ServiceBusReceiver replies)
    {
        for (var end = DateTimeOffset.UtcNow + MaxWait; DateTimeOffset.UtcNow < end;)
        {
            var message = await replies.ReceiveMessageAsync(TimeSpan.FromSeconds(10));
            if (message == null) continue;
            await replies.CompleteMessageAsync(message);
            if (message.CorrelationId == messageId) return message;
        }
        throw new TimeoutException($"No answer to {messageId} came. Send the request again, with the same idempotency key.");
    }
}
