// gloox. It resumes in `connect()`, which the application calls after `onDisconnect()`.
#include <gloox/client.h>
#include <gloox/connectionlistener.h>
#include <gloox/connectiontcpclient.h>
#include <gloox/message.h>
#include <gloox/messagehandler.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using namespace gloox;

class Driver : public ConnectionListener, public MessageHandler {
public:
    Driver(const std::string &jid, const std::string &password, int port)
        : client(JID(jid), password), port(port)
    {
        client.setServer("127.0.0.1");
        client.setPort(port);
        client.setStreamManagement(true, true);
        client.registerConnectionListener(this);
        client.registerMessageHandler(this);
    }

    void run()
    {
        client.connect(false);
        std::string command;
        for (;;) {
            if (isGone) {
                isGone = false;
                usleep(100 * 1000);
                if (!client.connect(false))
                    isGone = true;
                continue;
            }
            client.recv(10 * 1000);
            struct pollfd in = {STDIN_FILENO, POLLIN, 0};
            while (poll(&in, 1, 0) > 0) {
                char c;
                if (read(STDIN_FILENO, &c, 1) != 1)
                    return;
                if (c != '\n') {
                    command += c;
                    continue;
                }
                std::istringstream words(command);
                std::string verb, to, body;
                words >> verb >> to >> body;
                command.clear();
                say(to, body);
            }
        }
    }

private:
    void say(const std::string &to, const std::string &body)
    {
        if (!isUp) {
            waiting.emplace_back(to, body);
            return;
        }
        client.send(Message(Message::Chat, JID(to), body));
    }

    void up(const char *how)
    {
        tell(how);
        isUp = true;
        auto held = std::move(waiting);
        waiting.clear();
        for (const auto &one : held)
            say(one.first, one.second);
    }

    void tell(const std::string &what) { std::cout << what << std::endl; }

    void onConnect() override { up("bound"); }

    void onStreamEvent(StreamEvent event) override
    {
        if (event == StreamEventSMResumed)
            up("resumed");
    }

    void onDisconnect(ConnectionError error) override
    {
        tell("down " + std::to_string(error));
        isUp = false;
        isGone = true;
    }

    // The certificate of the test signs itself.
    bool onTLSConnect(const CertInfo &) override { return true; }

    void handleMessage(const Message &message, MessageSession *) override
    {
        if (!message.body().empty())
            tell("got " + message.body());
    }

    Client client;
    int port;
    bool isUp = false;
    bool isGone = false;
    std::vector<std::pair<std::string, std::string>> waiting;
};

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    // The library writes to lines that may be gone.
    std::signal(SIGPIPE, SIG_IGN);
    Driver(argv[1], argv[2], std::atoi(argv[3])).run();
}
