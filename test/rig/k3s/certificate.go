package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"
)

func certificate(args []string) error {
	if len(args) == 0 {
		return errors.New("certificate needs check or rotate")
	}
	output := "text"
	for index, each := range args {
		if (each == "--output" || each == "-o") && index+1 < len(args) {
			output = args[index+1]
		} else if len(each) > 9 && each[:9] == "--output=" {
			output = each[9:]
		}
	}
	found := certificates(defaultDataDir)
	switch args[0] {
	case "check":
		return printCertificates(found, output)
	case "rotate":
		for _, each := range found {
			if err := os.Remove(each.path); err != nil {
				return err
			}
		}
		info("Successfully removed certificates, please restart k3s server or agent to rotate certificates")
		return nil
	}
	return fmt.Errorf("No help topic for '%s'", args[0])
}

type checked struct {
	path            string
	Filename        string
	Subject, Issuer string
	Usages          []string
	ExpiryTime      time.Time
	ResidualTime    time.Duration
	Status          string
}

func certificates(data string) []checked {
	paths := []string{filepath.Join(data, "agent", "client-kubelet.crt")}
	for _, each := range leaves {
		paths = append(paths, filepath.Join(data, "server", "tls", each.file+".crt"))
	}
	var all []checked
	for _, path := range paths {
		one, err := certificateAt(path)
		if err != nil {
			continue
		}
		residual := time.Until(one.NotAfter)
		status := "OK"
		if residual < 0 {
			status = "EXPIRED"
		} else if residual < 120*24*time.Hour {
			status = "WARNING"
		}
		var usages []string
		for _, usage := range one.ExtKeyUsage {
			usages = append(usages, map[x509.ExtKeyUsage]string{x509.ExtKeyUsageClientAuth: "ClientAuth", x509.ExtKeyUsageServerAuth: "ServerAuth"}[usage])
		}
		all = append(all, checked{path, filepath.Base(path), one.Subject.CommonName, one.Issuer.CommonName, usages, one.NotAfter, residual, status})
	}
	return all
}

func printCertificates(all []checked, output string) error {
	switch output {
	case "json":
		return json.NewEncoder(os.Stdout).Encode(map[string]any{"Certificates": all})
	case "table":
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
		fmt.Fprint(table, "\nFILENAME\tSUBJECT\tUSAGES\tEXPIRES\tRESIDUAL TIME\tSTATUS\n--------\t-------\t------\t-------\t-------------\t------\n")
		for _, each := range all {
			fmt.Fprintf(table, "%s\t%s\t%v\t%s\t%d days\t%s\n", each.Filename, each.Subject, each.Usages, each.ExpiryTime.Format("Jan 02, 2006 15:04 MST"), int(each.ResidualTime.Hours()/24), each.Status)
		}
		return table.Flush()
	case "text":
		for _, each := range all {
			when := each.ExpiryTime.UTC().Format(time.RFC3339)
			switch each.Status {
			case "EXPIRED":
				say("error", "%s: certificate %s %v expired at %s", each.Filename, each.Subject, each.Usages, when)
			case "WARNING":
				warn("%s: certificate %s %v will expire within 120 days at %s", each.Filename, each.Subject, each.Usages, when)
			default:
				info("%s: certificate %s %v is ok, expires at %s", each.Filename, each.Subject, each.Usages, when)
			}
		}
		return nil
	}
	return fmt.Errorf("invalid output format %s", output)
}

func mustRead(path string) []byte {
	text, err := os.ReadFile(path)
	if err != nil {
		fatal("%v", err)
	}
	return text
}

func transportTLS(client *http.Client) *tls.Config {
	return client.Transport.(*http.Transport).TLSClientConfig
}

func ipsOf(texts ...string) []net.IP {
	var all []net.IP
	for _, text := range texts {
		all = append(all, net.ParseIP(text))
	}
	return all
}
