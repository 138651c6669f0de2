package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// token has the three parts of K10<sha256 of the server CA>::<user>:<password>; caHash is empty in a short one.
type token struct{ caHash, user, password string }

func parseToken(text string) (token, error) {
	if text == "" {
		return token{}, errors.New("token must not be empty")
	}
	if !strings.HasPrefix(text, "K10") {
		return token{user: "", password: text}, nil
	}
	caHash, credentials, found := strings.Cut(text[3:], "::")
	if !found {
		credentials, caHash = caHash, ""
	}
	if caHash != "" && len(caHash) != 2*sha256.Size {
		return token{}, errors.New("invalid token CA hash length")
	}
	user, password, found := strings.Cut(credentials, ":")
	if !found || password == "" {
		return token{}, errors.New("invalid token format")
	}
	return token{caHash, user, password}, nil
}

func fullToken(ca []byte, user, password string) string {
	return fmt.Sprintf("K10%s::%s:%s", hashOf(ca), user, password)
}

// hashOf a CA is that of its file, as of all that k3s signs itself.
func hashOf(ca []byte) string {
	sum := sha256.Sum256(ca)
	return hex.EncodeToString(sum[:])
}

func randomText(bytes int) string {
	raw := make([]byte, bytes)
	if _, err := rand.Read(raw); err != nil {
		panic(err)
	}
	return hex.EncodeToString(raw)
}

func tokenCommand(args []string) error {
	if len(args) == 0 || args[0] != "rotate" {
		return errors.New("the stand-in of k3s knows only `token rotate`")
	}
	old, fresh, server := "", "", "https://127.0.0.1:6443"
	for index := 1; index < len(args); index++ {
		name, value, inline := strings.Cut(args[index], "=")
		if !inline && index+1 < len(args) {
			index++
			value = args[index]
		}
		switch strings.TrimLeft(name, "-") {
		case "token", "t":
			old = value
		case "new-token":
			fresh = value
		case "server", "s":
			server = value
		case "data-dir", "d":
		default:
			return fmt.Errorf("flag provided but not defined: %s", name)
		}
	}
	fmt.Println("\033[33mWARNING\033[0m: Recommended to keep a record of the old token. If restoring from a snapshot, you must use the token associated with that snapshot.")
	if old == "" {
		text, err := os.ReadFile(filepath.Join(defaultDataDir, "server", "token"))
		if err != nil {
			return err
		}
		old = strings.TrimRight(string(text), "\n")
	}
	parsed, err := parseToken(old)
	if err != nil {
		return err
	}
	parsed.user = "server"
	remote, err := dialCluster(server, parsed)
	if err != nil {
		return err
	}
	if err := remote.put("/v1-k3s/token", map[string]string{"newToken": fresh}); err != nil {
		return err
	}
	time.Sleep(time.Second)
	fmt.Println("Token rotated, restart k3s nodes with new token")
	return nil
}
