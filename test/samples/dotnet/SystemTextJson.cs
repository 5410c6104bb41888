using Vending.SystemTextJson;

namespace Vending.Samples;

/// <summary>The life of one credential, with a client that NSwag generated.</summary>
public static class SystemTextJson
{
    public static async Task Run(HttpClient http, string url, string order)
    {
        // The handler of `http` sets the token.
        var client = new VendingClient(http) { BaseUrl = url };
        var request = new VendRequest { EnvironmentId = "env-12132", ClusterId = "clusterId-123", Name = "orders", SecretFormat = "secret" };

        var vended = await client.VendKeyAsync(order, request);
        Console.WriteLine($"vended {vended.Id} {vended.ApiKey?.Id} {vended.Secret.KeyVaultReference}");

        var read = await client.GetCredentialAsync(vended.Id);
        Console.WriteLine($"read {read.Status}");

        // Nothing happens if somebody else has rotated it meanwhile.
        var terms = new RotationRequest { Replaces = vended.ApiKey?.Id };
        var rotated = await client.RotateKeyAsync(vended.Id, $"{order}-rotation-1", terms);
        Console.WriteLine($"rotated {rotated.ApiKey?.Id}, and {rotated.Previous?.ApiKeyId} lives until {rotated.Previous?.RevokeAt:O}");

        var revoked = await client.RevokeCredentialAsync(vended.Id, validateOnly: null);
        Console.WriteLine(revoked.Status);

        try
        {
            await client.VendKeyAsync(order, request);
        }
        catch (ApiException<Problem> problem)
        {
            Console.WriteLine($"{problem.StatusCode} {problem.Result.Type}: {problem.Result.Detail}");
        }
    }
}
