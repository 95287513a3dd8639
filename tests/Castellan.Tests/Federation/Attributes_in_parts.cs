using System.Formats.Asn1;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Castellan.Core.Federation;
using Castellan.Core.Vaults;
using Castellan.Protocol.Ldap;
using Castellan.Server.Ldap;

namespace Castellan.Tests.Federation;

/// <summary>Active Directory gives some 1,500 values of an attribute at once. Who has more of them is shown with all.</summary>
public sealed class Attributes_in_parts
{
    private static readonly string[] s_members = ["a", "b", "c", "d", "e"];

    [Theory]
    [InlineData("2-3 4-*", "a b c d e")]
    [InlineData("2-*", "a b c d e")]
    [InlineData("0-1", null)]
    [InlineData("", null)]
    public async Task Are_read_to_the_end_or_not_at_all(string following, string? members)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var over = new CancellationTokenSource();
        var serving = ServeAsync(listener, new Queue<string>(following.Split(' ').Prepend("0-1")), over.Token);
        var directory = new LdapDirectory(new NoVault(), TimeProvider.System);
        var settings = new DirectorySettings("test", $"ldap://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}", null, "", StartTls: false, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), PageSize: 0);
        if (members is null)
        {
            await Assert.ThrowsAsync<DirectoryException>(() => ReadAsync(directory, settings));
        }
        else
        {
            Assert.Equal(members, string.Join(' ', (await ReadAsync(directory, settings))!.Texts("member")));
        }

        await over.CancelAsync();
        await serving;
    }

    private static async Task<LdapEntry?> ReadAsync(LdapDirectory directory, DirectorySettings settings)
    {
        await foreach (var entry in directory.SearchAsync(settings, new("cn=g", LdapScope.Base, LdapFilter.Everything, ["member"])))
        {
            return entry;
        }

        return null;
    }

    /// <summary>A directory that answers each search with the next of some parts.</summary>
    private static async Task ServeAsync(TcpListener listener, Queue<string> parts, CancellationToken over)
    {
        var conversations = new List<Task>();
        try
        {
            while (true)
            {
                conversations.Add(ConverseAsync(await listener.AcceptTcpClientAsync(over), parts, over));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(conversations);
        }
    }

    private static async Task ConverseAsync(TcpClient client, Queue<string> parts, CancellationToken over)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                while (await RequestAsync(stream, over) is var (id, operation) && operation == 3)
                {
                    await stream.WriteAsync(Entry(id, parts.Dequeue()), over);
                    await stream.WriteAsync(
                        Message(
                            id, LdapMessages.SearchDone,
                            body =>
                            {
                                body.WriteEnumeratedValue(Result.Success);
                                body.WriteOctetString([]);
                                body.WriteOctetString([]);
                            }),
                        over);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The test is over, or did not wait for the end.
            }
        }
    }

    private static async Task<(int Id, int Operation)?> RequestAsync(NetworkStream stream, CancellationToken over)
    {
        var bytes = new List<byte>();
        var one = new byte[1];
        while (LdapMessages.Length([.. bytes]) is var length && (length == 0 || bytes.Count < length))
        {
            if (await stream.ReadAsync(one, over) == 0)
            {
                return null;
            }

            bytes.Add(one[0]);
        }

        var message = new AsnReader(bytes.ToArray(), AsnEncodingRules.BER).ReadSequence();
        return ((int)message.ReadInteger(), message.PeekTag().TagValue);
    }

    /// <summary>The attribute without values, and the part: <c>2-3</c>, or nothing.</summary>
    private static byte[] Entry(int id, string part) => Message(id, LdapMessages.SearchEntry, body =>
    {
        body.WriteOctetString("cn=g"u8);
        using (body.PushSequence())
        {
            Attribute(body, "member", []);
            if (part.Split('-') is [var first, var last])
            {
                var from = int.Parse(first, CultureInfo.InvariantCulture);
                Attribute(body, $"member;range={part}", last == "*" ? s_members[from..] : s_members[from..(int.Parse(last, CultureInfo.InvariantCulture) + 1)]);
            }
        }
    });

    private static void Attribute(AsnWriter body, string name, string[] values)
    {
        using (body.PushSequence())
        {
            body.WriteOctetString(Encoding.UTF8.GetBytes(name));
            using (body.PushSetOf())
            {
                foreach (var value in values)
                {
                    body.WriteOctetString(Encoding.UTF8.GetBytes(value));
                }
            }
        }
    }

    private static byte[] Message(int id, int operation, Action<AsnWriter> content)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            using (writer.PushSequence(new Asn1Tag(TagClass.Application, operation, isConstructed: true)))
            {
                content(writer);
            }
        }

        return writer.Encode();
    }

    private enum Result
    {
        Success,
    }
}
